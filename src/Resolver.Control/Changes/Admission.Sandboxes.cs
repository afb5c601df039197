// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Store;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    private static Admitted Admit(AdmissionContext context, CreateSandbox change)
    {
        ObjectId id = context.NewId();
        ObjectName name = change.Name ?? ObjectName.Parse(id.ShortId, "name");
        CheckSandboxName(context.State, $"create sandbox {name}", name);
        Sandbox sandbox = new()
        {
            Id = id,
            Name = name,
            NetnsPath = Path.Combine(context.Options.NetnsDirectory, name.Value),
            Netns = context.World.Netns ?? throw new InvalidOperationException("the namespace is made before its sandbox is admitted"),
            OwnsNetns = true,
            Process = context.World.Process,
            Hostname = change.Hostname,
            Upstreams = change.Upstreams,
        };
        return new Admitted(StateEdit.Commit(new StoreOperation.PutSandbox(sandbox)), new ChangeResult(0, Sandbox: sandbox))
        {
            Work = new KernelWork.MakeSandbox(sandbox),
            Failure = StateEdit.Commit(new StoreOperation.DeleteSandbox(id)),
            Claims = [id],
        };
    }

    private static Admitted Admit(AdmissionContext context, RemoveSandbox change)
    {
        Sandbox sandbox = SandboxOf(context.State, "remove sandbox", change.Sandbox);
        ImmutableArray<Endpoint> endpoints = context.State.EndpointsOfSandbox(sandbox.Id);
        ImmutableArray<PlacedEndpoint> placed = [.. endpoints.Select(endpoint => new PlacedEndpoint(endpoint, context.State.Networks[endpoint.NetworkId]))];
        return new Admitted(StateEdit.InMemory([.. endpoints.Select(Unpublished)]), new ChangeResult(0, Sandbox: sandbox))
        {
            Work = new KernelWork.RemoveSandbox(sandbox, placed),
            Success = StateEdit.Commit(
                [.. endpoints.Select(endpoint => new StoreOperation.DeleteEndpoint(endpoint.Id)), new StoreOperation.DeleteSandbox(sandbox.Id)]),
            Failure = StateEdit.InMemory([.. endpoints.Select(endpoint => new StoreOperation.PutEndpoint(endpoint))]),
            Claims = [sandbox.Id],
        };
    }

    /// <summary>Takes the names of an endpoint back while the kernel removes it: nobody is sent to an address that is going away.</summary>
    private static StoreOperation.PutEndpoint Unpublished(Endpoint endpoint) => new(endpoint with { Phase = EndpointPhase.Pending });

    private static void CheckSandboxName(DesiredState state, string operation, ObjectName name)
    {
        if (state.FindSandbox(name) is { } other)
        {
            throw RefusedException.Taken(
                $"sandbox {name}", $"{operation}: the name is taken by the sandbox of {other.NetnsPath}; choose another, or 'resolver rm {other.Name}' first");
        }
    }
}
