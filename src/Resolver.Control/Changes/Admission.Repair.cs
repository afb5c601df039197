// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    // Like any change it waits for those under way and keeps later ones away, so that it never meets an object half-made. An endpoint that is not
    // settled is one that the start could not make, and the next start's.
    private static Admitted Admit(AdmissionContext context, Repair change)
    {
        DesiredState state = context.State;
        Admitted admitted = new(StateEdit.None, new ChangeResult(0));
        if (state.Networks.TryGetValue(change.Object, out Network? network))
        {
            return admitted with { Work = new KernelWork.RepairNetwork(network), Claims = [network.Id] };
        }

        if (!state.Endpoints.TryGetValue(change.Object, out Endpoint? endpoint) || endpoint.Phase != EndpointPhase.Settled)
        {
            return admitted;
        }

        PlacedEndpoint placed = new(endpoint, state.Networks[endpoint.NetworkId]);
        return admitted with { Work = new KernelWork.RepairEndpoint(placed, state.Sandboxes[endpoint.SandboxId]), Claims = [endpoint.SandboxId] };
    }

    private static ImmutableArray<ObjectId> TouchedBy(DesiredState state, Repair change) =>
        state.Networks.ContainsKey(change.Object) ? [change.Object]
        : state.Endpoints.TryGetValue(change.Object, out Endpoint? endpoint) ? [endpoint.NetworkId, endpoint.SandboxId]
        : [];
}
