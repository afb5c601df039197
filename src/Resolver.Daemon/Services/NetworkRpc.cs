// SPDX-License-Identifier: Apache-2.0

using Grpc.Core;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Mapping;
using Network = Resolver.Core.Networks.Network;

namespace Resolver.Daemon.Services;

/// <summary>NetworkService over the control plane.</summary>
internal sealed class NetworkRpc(ControlGate control) : NetworkService.NetworkServiceBase
{
    /// <inheritdoc/>
    public override async Task<CreateNetworkResponse> CreateNetwork(CreateNetworkRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(NetworkRequests.ToChange(request), context.CancellationToken);
        return new CreateNetworkResponse { Network = NetworkMessages.From(control.Current, result.Network!), Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override Task<GetNetworkResponse> GetNetwork(GetNetworkRequest request, ServerCallContext context)
    {
        Control.DesiredState state = control.Current;
        Network network = Lookup.Network(state, request.Network);
        GetNetworkResponse response = new() { Network = NetworkMessages.From(state, network) };
        response.Endpoints.AddRange(state.EndpointsOfNetwork(network.Id).Select(endpoint => SandboxMessages.From(state, endpoint)));
        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override Task<ListNetworksResponse> ListNetworks(ListNetworksRequest request, ServerCallContext context)
    {
        ListNetworksResponse response = new();
        response.Networks.AddRange(NetworkMessages.All(control.Current));
        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task<RemoveNetworkResponse> RemoveNetwork(RemoveNetworkRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(NetworkRequests.ToChange(request), context.CancellationToken);
        return new RemoveNetworkResponse { Revision = result.Revision };
    }
}
