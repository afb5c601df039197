// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control;

public sealed partial record DesiredState
{
    private ImmutableDictionary<ObjectName, ObjectId> _networkNames = ImmutableDictionary<ObjectName, ObjectId>.Empty;
    private ImmutableDictionary<ObjectName, ObjectId> _sandboxNames = ImmutableDictionary<ObjectName, ObjectId>.Empty;
    private ImmutableSortedSet<string> _networkIds = ImmutableSortedSet<string>.Empty.WithComparer(IdOrder);
    private ImmutableSortedSet<string> _sandboxIds = ImmutableSortedSet<string>.Empty.WithComparer(IdOrder);
    private ImmutableDictionary<NetnsIdentity, ObjectId> _sandboxesByNetns = ImmutableDictionary<NetnsIdentity, ObjectId>.Empty;
    private ImmutableSortedSet<SubnetKey> _subnets = [];
    private ImmutableDictionary<ObjectId, NetworkIndex> _byNetwork = ImmutableDictionary<ObjectId, NetworkIndex>.Empty;
    private ImmutableDictionary<ObjectId, ImmutableSortedSet<EndpointKey>> _bySandbox =
        ImmutableDictionary<ObjectId, ImmutableSortedSet<EndpointKey>>.Empty;

    private ImmutableDictionary<PortKey, ImmutableArray<PortOwner>> _ports = ImmutableDictionary<PortKey, ImmutableArray<PortOwner>>.Empty;

    /// <summary>All subnets of all networks.</summary>
    internal IEnumerable<Subnet> Subnets => _subnets.Select(key => key.Subnet);

    /// <summary>The index of a network that exists.</summary>
    internal NetworkIndex IndexOf(ObjectId network) => _byNetwork.GetValueOrDefault(network, NetworkIndex.Empty);

    /// <summary>The network with exactly this name; null if there is none.</summary>
    internal Network? FindNetwork(ObjectName name) => _networkNames.TryGetValue(name, out ObjectId id) ? Networks[id] : null;

    /// <summary>The sandbox with exactly this name; null if there is none.</summary>
    internal Sandbox? FindSandbox(ObjectName name) => _sandboxNames.TryGetValue(name, out ObjectId id) ? Sandboxes[id] : null;

    /// <summary>The sandbox of a living namespace; null if it has none.</summary>
    internal Sandbox? FindSandbox(NetnsIdentity netns) => _sandboxesByNetns.TryGetValue(netns, out ObjectId id) ? Sandboxes[id] : null;

    /// <summary>The endpoint of a sandbox on a network; null if it is not on it.</summary>
    internal Endpoint? FindEndpoint(ObjectId network, ObjectId sandbox) =>
        EndpointsOfSandbox(sandbox).FirstOrDefault(endpoint => endpoint.NetworkId == network);

    /// <summary>The endpoint whose ports are meant when no network is named: the only one, else the one that the default route leads by; null if neither.</summary>
    internal Endpoint? PublisherOf(ObjectId sandbox)
    {
        ImmutableArray<Endpoint> endpoints = EndpointsOfSandbox(sandbox);
        return endpoints.Length == 1
            ? endpoints[0]
            : endpoints.FirstOrDefault(endpoint => endpoint.ProvidesDefaultRoute) ?? endpoints.FirstOrDefault(endpoint => endpoint.ProvidesIPv6DefaultRoute);
    }

    /// <summary>A network that shares an address with a subnet; null if there is none. Our subnets are disjoint, so only neighbours can.</summary>
    internal (Network Network, Subnet Subnet)? FindOverlap(Subnet subnet)
    {
        int position = _subnets.IndexOf(SubnetKey.Of(subnet, default));
        position = position < 0 ? ~position : position;
        foreach (int neighbour in (ReadOnlySpan<int>)[position - 1, position])
        {
            if (neighbour >= 0 && neighbour < _subnets.Count && _subnets[neighbour].Subnet.Overlaps(subnet))
            {
                return (Networks[_subnets[neighbour].Network], _subnets[neighbour].Subnet);
            }
        }

        return null;
    }

    /// <summary>A published port that can't be published beside this one, with its endpoint; null if there is none.</summary>
    internal (PublishedPort Port, Endpoint Endpoint)? FindConflict(PublishedPort port)
    {
        foreach (PortOwner owner in PortKey.Of(port).SelectMany(key => _ports.GetValueOrDefault(key, [])))
        {
            if (owner.Port.Conflicts(port))
            {
                return (owner.Port, Endpoints[owner.Endpoint]);
            }
        }

        return null;
    }

    /// <summary>What published ports must share to conflict: the transport, and a block of 64 ports, so that a long range has few keys.</summary>
    private readonly record struct PortKey(TransportProtocol Protocol, int Block)
    {
        private const int BlockBits = 6;

        internal static IEnumerable<PortKey> Of(PublishedPort port)
        {
            int first = port.HostPorts.First >> BlockBits;
            return Enumerable.Range(first, (port.HostPorts.Last >> BlockBits) - first + 1).Select(block => new PortKey(port.Protocol, block));
        }
    }

    private readonly record struct PortOwner(PublishedPort Port, ObjectId Endpoint);
}
