// SPDX-License-Identifier: Apache-2.0

using Grpc.Core;
using Resolver.Contract.V1;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Core.Names;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Mapping;
using Sandbox = Resolver.Core.Endpoints.Sandbox;

namespace Resolver.Daemon.Services;

/// <summary>EndpointService over the control plane.</summary>
internal sealed class EndpointRpc(ControlGate control, SandboxMessages messages) : EndpointService.EndpointServiceBase
{
    /// <inheritdoc/>
    public override async Task<ConnectResponse> Connect(ConnectRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        DesiredState state = control.Current;
        return new ConnectResponse
        {
            Endpoint = SandboxMessages.From(state, result.Endpoint!),
            Sandbox = messages.From(state, result.Sandbox!),
            Revision = result.Revision,
        };
    }

    /// <inheritdoc/>
    public override async Task<DisconnectResponse> Disconnect(DisconnectRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        return new DisconnectResponse { Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override async Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        return new PublishResponse { Endpoint = SandboxMessages.From(control.Current, result.Endpoint!), Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override async Task<UnpublishResponse> Unpublish(UnpublishRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        return new UnpublishResponse { Endpoint = SandboxMessages.From(control.Current, result.Endpoint!), Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override async Task<CreateSandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        return new CreateSandboxResponse { Sandbox = messages.From(control.Current, result.Sandbox!), Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override async Task<RemoveSandboxResponse> RemoveSandbox(RemoveSandboxRequest request, ServerCallContext context)
    {
        ChangeResult result = await control.SubmitAsync(EndpointRequests.ToChange(request), context.CancellationToken);
        return new RemoveSandboxResponse { Revision = result.Revision };
    }

    /// <inheritdoc/>
    public override Task<GetSandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context)
    {
        DesiredState state = control.Current;
        return Task.FromResult(new GetSandboxResponse { Sandbox = messages.From(state, Lookup.Sandbox(state, request.Sandbox)) });
    }

    /// <inheritdoc/>
    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context)
    {
        DesiredState state = control.Current;
        IEnumerable<Sandbox> sandboxes = state.Sandboxes.Values;
        if (request.Network.Length > 0)
        {
            HashSet<ObjectId> connected = [.. state.EndpointsOfNetwork(Lookup.Network(state, request.Network).Id).Select(endpoint => endpoint.SandboxId)];
            sandboxes = sandboxes.Where(sandbox => connected.Contains(sandbox.Id));
        }

        ListSandboxesResponse response = new();
        response.Sandboxes.AddRange(sandboxes
            .OrderBy(sandbox => sandbox.Name.Value, StringComparer.OrdinalIgnoreCase)
            .Select(sandbox => messages.From(state, sandbox)));
        return Task.FromResult(response);
    }
}
