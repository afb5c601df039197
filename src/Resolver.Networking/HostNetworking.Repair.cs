// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Observing;
using Resolver.Networking.Planning;

namespace Resolver.Networking;

/// <content>Links of ours that somebody deletes or changes while the daemon runs.</content>
public sealed partial class HostNetworking
{
    /// <summary>Hears of changes to the host's links, whoever makes them.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public LinksWatch WatchLinks() => new(_host.In(LinkWatch.Open), _host.Route);

    /// <summary>
    /// Which of these have a link on the host that is not as it should be. An endpoint whose bridge is missing is not among them: the network is, and
    /// nothing can be done for the endpoint before.
    /// </summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public ImmutableArray<ObjectId> FindDamaged(IReadOnlyCollection<Network> networks, IReadOnlyCollection<(Endpoint Endpoint, Network Network)> endpoints)
    {
        // One by one, also when it is about all: a dump of all links has to be repeated for as long as others come and go, as in a crowd they do.
        Dictionary<string, Link?> known = [];
        return
        [
            .. networks.Where(network => Find(network.Bridge) is not { } bridge || !LinkConditions.IsRight(network, bridge, _host.Route.Addresses(bridge.Index)))
                .Select(network => network.Id),
            .. endpoints.Where(placed => Find(placed.Network.Bridge) is { } bridge && !LinkConditions.IsRight(placed.Endpoint, placed.Network, Find(placed.Endpoint.HostLink), bridge))
                .Select(placed => placed.Endpoint.Id),
        ];

        Link? Find(InterfaceName name) => known.TryGetValue(name.Value, out Link? link) ? link : known[name.Value] = _host.Route.FindLink(name.Value);
    }

    /// <summary>Makes a network's bridge as it should be. What is right is left alone.</summary>
    /// <returns>What was done, in words; empty if there was nothing to do.</returns>
    /// <exception cref="Core.Failures.RefusedException">A link that is not ours has the bridge's name.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public ImmutableArray<string> Repair(Network network)
    {
        ObservedNetwork observed = _observer.Observe(network);
        if (observed.Bridge is null)
        {
            DeleteRenamed(link => LinkTags.IsOurs(link, network));
        }

        ImmutableArray<KernelStep> plan = NetworkPlanner.Plan(new DesiredNetwork(network), observed);
        _executor.Apply(plan, null);
        return RepairText.Of(plan);
    }

    /// <summary>
    /// Makes an endpoint's link on the host as it should be, and publishes ports that another process had. What the sandbox did inside is its own
    /// matter, unless the link is missing: then all of it is made anew.
    /// </summary>
    /// <returns>What was done to the link, in words; empty if there was nothing to do.</returns>
    /// <exception cref="Core.Failures.RefusedException">A link that is not ours has one of its names, or the sandbox has a default route of its own.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public ImmutableArray<string> Repair(DesiredEndpoint desired, SandboxAccess access)
    {
        DesiredEndpoint published = desired with { Endpoint = Published(desired.Endpoint) };
        ObservedEndpoint observed = _observer.Observe(published, access);
        if (observed.Bridge is null)
        {
            return []; // The network's repair comes first, and looks at its endpoints then.
        }

        if (observed.HostLink is null)
        {
            DeleteRenamed(link => LinkTags.IsOurs(link, desired.Endpoint));
            if (access.Route.FindLink(desired.Endpoint.SandboxLink.Value) is { } orphan && LinkConditions.IsPeerOf(desired.Endpoint, orphan))
            {
                access.Route.DeleteLink(orphan.Index); // Its other end was taken to another namespace.
            }

            observed = _observer.Observe(published, access);
        }

        ImmutableArray<KernelStep> plan = EndpointPlanner.PlanRepair(published, observed);
        if (!plan.IsEmpty)
        {
            Apply(published, plan, access);
        }

        PublishWhatIsFree(desired);
        return RepairText.Of(plan);
    }

    private void DeleteRenamed(Func<Link, bool> isOurs)
    {
        foreach (Link link in _host.Route.Links().Where(isOurs))
        {
            _host.Route.DeleteLink(link.Index);
        }
    }
}
