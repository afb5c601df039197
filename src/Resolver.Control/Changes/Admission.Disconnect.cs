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
    // The kernel first, the store after: until the deletion is committed the store has the endpoint whole, and a crash restores it.
    private static Admitted Admit(AdmissionContext context, DisconnectEndpoint change)
    {
        DesiredState state = context.State;
        Network network = NetworkOf(state, "disconnect", change.Network);
        Sandbox sandbox = SandboxOf(state, $"disconnect from {network.Name}", change.Sandbox);
        Endpoint endpoint = state.FindEndpoint(network.Id, sandbox.Id) ?? throw RefusedException.NotFound(
            $"endpoint {sandbox.Name} on {network.Name}", $"disconnect {sandbox.Name} from {network.Name}: it is not on that network");
        Endpoint[] others = [.. state.EndpointsOfSandbox(sandbox.Id).Where(other => other.Id != endpoint.Id)];
        ImmutableArray<Reelected> reelected = ReelectedOf(state, others, GatewayOrder.Elect(others, id => state.Networks[id]));
        bool isForgotten = !sandbox.OwnsNetns && others.Length == 0;
        List<StoreOperation> success = [new StoreOperation.DeleteEndpoint(endpoint.Id), .. reelected.Select(change => change.Put)];
        if (isForgotten)
        {
            success.Add(new StoreOperation.DeleteSandbox(sandbox.Id));
        }

        return new Admitted(StateEdit.InMemory(Unpublished(endpoint)), new ChangeResult(0, network, sandbox, endpoint))
        {
            Work = new KernelWork.Disconnect(new PlacedEndpoint(endpoint, network), sandbox)
            {
                Reelected = reelected,
                ForgetsSandbox = isForgotten,
            },
            Success = StateEdit.Commit([.. success]),
            Failure = StateEdit.InMemory(new StoreOperation.PutEndpoint(endpoint)),
            Claims = [sandbox.Id],
        };
    }
}
