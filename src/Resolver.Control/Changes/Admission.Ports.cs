// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Store;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    // Durable before the kernel: after a crash in between, recovery publishes what the store says.
    private static Admitted Admit(AdmissionContext context, PublishPorts change)
    {
        DesiredState state = context.State;
        (Endpoint endpoint, Network network, Sandbox sandbox) = PublisherOf(state, "publish ports", change.Network, change.Sandbox);
        string operation = $"publish ports of {sandbox.Name} on {network.Name}";
        ImmutableArray<PublishedPort> ports = [.. endpoint.Ports, .. context.World.Ports.Where(port => IsNew(endpoint, network, port))];
        CheckPorts(state, operation, [.. context.World.Ports.Where(port => network.PublishesOnHost(port.Family))]);
        if (ports.Length > MaxPorts)
        {
            throw RefusedException.Invalid("ports", $"{operation}: {ports.Length} published ports are more than the {MaxPorts} that an endpoint may have");
        }

        Endpoint after = endpoint with { Ports = ports };
        return new Admitted(StateEdit.Commit(new StoreOperation.PutEndpoint(after)), new ChangeResult(0, network, sandbox, after))
        {
            Work = new KernelWork.Republish(new PlacedEndpoint(endpoint, network), after, sandbox),
            Failure = StateEdit.Commit(new StoreOperation.PutEndpoint(endpoint)),
            Claims = [sandbox.Id],
        };
    }

    // The kernel first, the store after: until this is committed the store has the ports, and a crash in between publishes them again.
    private static Admitted Admit(AdmissionContext context, UnpublishPorts change)
    {
        (Endpoint endpoint, Network network, Sandbox sandbox) = PublisherOf(context.State, "unpublish ports", change.Network, change.Sandbox);
        HashSet<PublishedPort> removed = [];
        foreach (PublishRequest request in change.Ports)
        {
            PublishedPort[] meant = [.. endpoint.Ports.Where(port => port.IsMeantBy(request, network.PublishesOnHost(port.Family)))];
            if (meant.Length == 0)
            {
                string published = endpoint.Ports.IsEmpty ? "nothing is" : $"published are {string.Join(", ", endpoint.Ports.Take(NamedPorts))}";
                throw RefusedException.NotFound(
                    $"port {request}", $"unpublish ports of {sandbox.Name} on {network.Name}: {request} is not published there; {published}");
            }

            removed.UnionWith(meant);
        }

        Endpoint after = endpoint with { Ports = [.. endpoint.Ports.Where(port => !removed.Contains(port))] };
        return new Admitted(StateEdit.None, new ChangeResult(0, network, sandbox, after))
        {
            Work = new KernelWork.Republish(new PlacedEndpoint(endpoint, network), after, sandbox),
            Success = StateEdit.Commit(new StoreOperation.PutEndpoint(after)),
            Claims = [sandbox.Id],
        };
    }

    // Where no port of the host has a part in it, the same twice is the same once.
    private static bool IsNew(Endpoint endpoint, Network network, PublishedPort port) =>
        network.PublishesOnHost(port.Family) || !endpoint.Ports.Contains(port);

    private static (Endpoint Endpoint, Network Network, Sandbox Sandbox) PublisherOf(DesiredState state, string operation, string? networkName, string sandboxName)
    {
        Sandbox sandbox = SandboxOf(state, operation, sandboxName);
        if (networkName is null)
        {
            Endpoint found = state.PublisherOf(sandbox.Id)
                ?? throw RefusedException.WrongState($"sandbox {sandbox.Name}", $"{operation}: {sandbox.Name} is on several networks and none is its way out; name one");
            return (found, state.Networks[found.NetworkId], sandbox);
        }

        Network network = NetworkOf(state, operation, networkName);
        Endpoint endpoint = state.FindEndpoint(network.Id, sandbox.Id) ?? throw RefusedException.NotFound(
            $"endpoint {sandbox.Name} on {network.Name}", $"{operation}: {sandbox.Name} is not on network {network.Name}");
        return (endpoint, network, sandbox);
    }
}
