// SPDX-License-Identifier: Apache-2.0

using Grpc.Core;
using Resolver.Contract.V1;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Mapping;

namespace Resolver.Daemon.Services;

/// <summary>RegistryService over the control plane.</summary>
internal sealed class RegistryRpc(ControlGate control) : RegistryService.RegistryServiceBase
{
    /// <inheritdoc/>
    public override async Task<RegisterResponse> Register(RegisterRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(RegistrationRequests.ToChange(request), context.CancellationToken);
        Core.Networks.Network network = result.Network ?? Lookup.Network(control.Current, result.Registration!.NetworkId.Value);
        return new RegisterResponse { Registration = NameMessages.From(network, result.Registration!), Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override async Task<DeregisterResponse> Deregister(DeregisterRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(RegistrationRequests.ToChange(request), context.CancellationToken);
        return new DeregisterResponse { Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override Task<ListNamesResponse> ListNames(ListNamesRequest request, ServerCallContext context)
    {
        DesiredState state = control.Current;
        ListNamesResponse response = new();
        response.Names.AddRange(NameMessages.Of(state, Lookup.Network(state, request.Network)));
        return Task.FromResult(response);
    }
}
