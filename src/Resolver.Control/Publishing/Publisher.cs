// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Control.Sandboxes;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Zones;
using Resolver.Store;

namespace Resolver.Control.Publishing;

/// <summary>Keeps zones and views as desired state says. Used by one task at a time: by recovery, then by the writer.</summary>
internal sealed class Publisher
{
    private readonly ControlOptions _options;
    private readonly SandboxRuntimes _runtimes;
    private readonly Dictionary<ObjectId, Zone> _zones = [];

    internal Publisher(ControlOptions options, SandboxRuntimes runtimes)
    {
        _options = options;
        _runtimes = runtimes;
    }

    /// <summary>Fills the zones of a state that was loaded.</summary>
    internal void PublishAll(DesiredState state)
    {
        foreach (Network network in state.Networks.Values)
        {
            AddZone(network).Apply(ZoneDeltas.Whole(state.IndexOf(network.Id)));
        }
    }

    /// <summary>Makes a change visible: questions received after the return see it.</summary>
    internal void Publish(DesiredState before, DesiredState after, IReadOnlyCollection<StoreOperation> operations)
    {
        foreach (StoreOperation.PutNetwork put in operations.OfType<StoreOperation.PutNetwork>())
        {
            if (!_zones.ContainsKey(put.Network.Id))
            {
                AddZone(put.Network);
            }
        }

        foreach ((ObjectId network, ZoneDelta delta) in ZoneDeltas.Between(before, after, operations))
        {
            if (_zones.TryGetValue(network, out Zone? zone))
            {
                zone.Apply(delta);
            }
        }

        UpdateViews(before, after, operations);
        foreach (StoreOperation.DeleteNetwork delete in operations.OfType<StoreOperation.DeleteNetwork>())
        {
            _zones.Remove(delete.Id);
        }
    }

    /// <summary>What a sandbox sees: the zones of its networks in gateway order; its own upstreams, else those of the first network with some.</summary>
    internal SandboxView ViewOf(DesiredState state, Sandbox sandbox)
    {
        Endpoint[] endpoints =
        [
            .. GatewayOrder.Sort(state.EndpointsOfSandbox(sandbox.Id), id => state.Networks[id])
                .Where(endpoint => endpoint.Phase == EndpointPhase.Settled),
        ];
        Network[] networks = [.. endpoints.Select(endpoint => state.Networks[endpoint.NetworkId])];
        bool isInternal = networks.Length > 0 && networks.All(network => network.Policy.IsInternal);
        IEnumerable<ImmutableArray<Upstream>> upstreams = [sandbox.Upstreams, .. networks.Select(network => network.Upstreams)];
        return new SandboxView(
            [.. networks.Where(network => !network.IsDefault).Select(network => _zones[network.Id])],
            Upstreams(isInternal ? upstreams.Select(owned => Inside(owned, networks)) : upstreams))
        {
            HostAddresses = networks.FirstOrDefault(network => !network.Policy.IsInternal) is { } first ? GatewaysOf(first) : [],
            IsInternal = isInternal,
            Links = [.. endpoints.SelectMany(endpoint => LinksOf(endpoint, state.Networks[endpoint.NetworkId]))],
        };
    }

    // Looked up when they are asked for, so that a link costs its peer nothing. On the default network nothing else has a name.
    private IEnumerable<LinkedName> LinksOf(Endpoint endpoint, Network network)
    {
        Zone zone = _zones[network.Id];
        IEnumerable<LinkedName> aliases = endpoint.Links.Select(link => new LinkedName(link.Alias, zone, link.Target));
        return network.IsDefault ? aliases.Concat(endpoint.Links.Select(link => new LinkedName(link.Target, zone, link.Target))) : aliases;
    }

    // Without a way out, only a server on one of the sandbox's own networks can be asked, and only from there: from the host, others could.
    private static ImmutableArray<Upstream> Inside(ImmutableArray<Upstream> upstreams, Network[] networks) =>
    [
        .. upstreams.Where(upstream => !upstream.IsFromHost
            && networks.Any(network => network.Subnets.Any(subnet => subnet.Subnet.Contains(upstream.EndPoint.Address)))),
    ];

    // For each domain (and for names outside of all domains) those who name it first: the sandbox, then its networks in their order.
    private static ImmutableArray<Upstream> Upstreams(IEnumerable<ImmutableArray<Upstream>> byOwner) =>
    [
        .. byOwner.SelectMany(upstreams => upstreams.GroupBy(upstream => upstream.Domain)).DistinctBy(group => group.Key).SelectMany(group => group),
    ];

    private void UpdateViews(DesiredState before, DesiredState after, IReadOnlyCollection<StoreOperation> operations)
    {
        IEnumerable<ObjectId?> sandboxes = operations.Select(operation => operation switch
        {
            StoreOperation.PutEndpoint put => put.Endpoint.SandboxId,
            StoreOperation.DeleteEndpoint delete => before.Endpoints.GetValueOrDefault(delete.Id)?.SandboxId,
            _ => (ObjectId?)null,
        });
        foreach (ObjectId id in sandboxes.OfType<ObjectId>().Distinct())
        {
            if (after.Sandboxes.TryGetValue(id, out Sandbox? sandbox) && _runtimes.Find(id) is { } runtime)
            {
                runtime.Responder.Update(ViewOf(after, sandbox));
            }
        }
    }

    private static ImmutableArray<IPAddress> GatewaysOf(Network network) => [.. network.Subnets.Select(subnet => subnet.Gateway).OfType<IPAddress>()];

    private Zone AddZone(Network network) =>
        _zones[network.Id] = new Zone(
            network.Name.ToDnsName(), [.. network.Subnets.Select(subnet => subnet.Subnet)], network.NameTtl ?? _options.LocalTtl)
        {
            Gateways = network.Policy.IsInternal ? [] : GatewaysOf(network),
            ForwardsSingleLabels = network.ForwardsSingleLabels,
        };
}
