// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;

using Resolver.Core.Addressing;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>A subnet that somebody wants.</summary>
/// <param name="Subnet">The prefix; with an address of zeros (<c>0.0.0.0/24</c>, <c>::/80</c>) the next free one of that length of the default pools.</param>
public sealed record SubnetRequest(Subnet Subnet)
{
    /// <summary>The bridge's address; null for the subnet's first.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The part from which addresses are chosen; null for all.</summary>
    public Subnet? Range { get; init; }

    /// <summary>Addresses that no endpoint gets.</summary>
    public ImmutableArray<IPAddress> Reserved { get; init; } = [];
}

/// <summary>Creates a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subnets">At most one per family; a family without one gets the next of the default pools.</param>
public sealed record CreateNetwork(ObjectName Name, ImmutableArray<SubnetRequest> Subnets) : Change
{
    /// <summary>False for a network without IPv4.</summary>
    public bool HasIPv4 { get; init; } = true;

    /// <summary>True for a network with IPv6; an IPv6 subnet says so, too.</summary>
    public bool HasIPv6 { get; init; }

    internal bool AsksForIPv6 => HasIPv6 || Subnets.Any(request => !request.Subnet.IsIPv4);

    /// <summary>The bridge's name; null for <c>br-</c> and the short id.</summary>
    public InterfaceName? Bridge { get; init; }

    /// <summary>MTU in octets, 68 to 65535; null for 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>Upstreams; empty for the host's.</summary>
    public ImmutableArray<Upstream> Upstreams { get; init; } = [];

    /// <summary>Search domains.</summary>
    public ImmutableArray<DnsName> Search { get; init; } = [];

    /// <summary>The TTL of its names, a second to a day; null for the daemon's default.</summary>
    public TimeSpan? NameTtl { get; init; }

    /// <summary>True to ask upstreams for unknown names of a single label.</summary>
    public bool ForwardsSingleLabels { get; init; }

    /// <summary>What may enter and leave it.</summary>
    public TrafficPolicy Policy { get; init; } = TrafficPolicy.Default;

    /// <summary>Where ports are published that name no address; null for all addresses of the host.</summary>
    public IPAddress? PublishAddress { get; init; }

    /// <summary>How often an endpoint's addresses are announced to its neighbours, 0 to 3; null for as often as it is needed.</summary>
    public int? AddressAnnouncements { get; init; }

    /// <summary>The time between two announcements, 100 ms to 2 s.</summary>
    public TimeSpan AddressAnnouncementInterval { get; init; } = Network.DefaultAddressAnnouncementInterval;

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Removes a network; refused while it has endpoints (naming their sandboxes), and for the default network.</summary>
/// <param name="Network">Name or id.</param>
public sealed record RemoveNetwork(string Network) : Change
{
    /// <summary>True to remove the default network, too: when all of it goes.</summary>
    internal bool IncludesDefault { get; init; }
}
