// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Control.Sandboxes;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Networking.Planning;

namespace Resolver.Control.Lanes;

internal sealed partial class KernelWorker
{
    private async Task RepairAsync(Network network)
    {
        ImmutableArray<string> repaired = [];
        await _lanes.RunAsync(network.Id, () =>
        {
            repaired = _networking.Repair(network);
            return ValueTask.CompletedTask;
        });
        if (!repaired.IsEmpty)
        {
            LogNetworkRepaired(network.Name.Value, string.Join(", ", repaired));
        }
    }

    private async Task RepairAsync(PlacedEndpoint placed, Sandbox sandbox)
    {
        // One whose namespace is gone is about to be removed.
        if (_runtimes.Find(sandbox.Id) is not { } runtime || !NetnsPins.IsThere(sandbox))
        {
            return;
        }

        ImmutableArray<string> repaired = [];
        await _lanes.RunAsync(placed.Network.Id, () =>
        {
            repaired = _networking.Repair(new DesiredEndpoint(placed.Endpoint, placed.Network, sandbox), runtime.Access);
            return ValueTask.CompletedTask;
        });
        if (!repaired.IsEmpty)
        {
            LogEndpointRepaired(sandbox.Name.Value, placed.Network.Name.Value, string.Join(", ", repaired));
        }
    }

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "Somebody changed the bridge of network {Network}: {Repaired}")]
    private partial void LogNetworkRepaired(string network, string repaired);

    [LoggerMessage(EventId = 4012, Level = LogLevel.Warning, Message = "Somebody changed the link of {Sandbox} on network {Network}: {Repaired}")]
    private partial void LogEndpointRepaired(string sandbox, string network, string repaired);
}
