// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Linux.Nftables.Batches;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Planning;

/// <summary>From an endpoint with some published ports to the same with others. Pure.</summary>
internal static class PublishPlanner
{
    /// <param name="before">The endpoint with the ports that it has.</param>
    /// <param name="after">The same with those that it should have.</param>
    /// <param name="held">The host's ports that are held for it.</param>
    internal static ImmutableArray<KernelStep> Plan(DesiredEndpoint before, Endpoint after, ImmutableArray<PublishedPort> held)
    {
        ImmutableArray<KernelStep>.Builder steps = ImmutableArray.CreateBuilder<KernelStep>();
        ImmutableArray<PublishedPort> added = [.. OnHost(before, after.Ports.Except(before.Endpoint.Ports).Except(held))];
        ImmutableArray<PublishedPort> removed = [.. OnHost(before, before.Endpoint.Ports.Except(after.Ports))];

        // Held before anything leads there, and until nothing does.
        if (!added.IsEmpty)
        {
            steps.Add(new KernelStep.ReservePorts(after.Id, added));
        }

        ImmutableArray<SetElement> old = EndpointElements.Of(before.Endpoint, before.Network);
        ImmutableArray<SetElement> wanted = EndpointElements.Of(after, before.Network);
        KernelStep.ChangeElements change = new([.. old.Except(wanted)], [.. wanted.Except(old)]);
        if (!change.Gone.IsEmpty || !change.Wanted.IsEmpty)
        {
            steps.Add(change);
        }

        ImmutableArray<PublishedPort> changed = [.. before.Endpoint.Ports.Except(after.Ports).Concat(after.Ports.Except(before.Endpoint.Ports))];
        if (changed.Any(port => port.Protocol == TransportProtocol.Udp))
        {
            // Flows to the other ports of the endpoint go where they should already.
            steps.Add(new KernelStep.ForgetFlows(after with { Addresses = [], Ports = changed }));
        }

        if (!removed.IsEmpty)
        {
            steps.Add(new KernelStep.ReleasePorts(new KernelStep.ReservePorts(after.Id, removed)));
        }

        return steps.ToImmutable();
    }

    private static IEnumerable<PublishedPort> OnHost(DesiredEndpoint desired, IEnumerable<PublishedPort> ports) =>
        ports.Where(port => desired.Network.PublishesOnHost(port.Family));
}
