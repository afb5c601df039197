// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Names;

namespace Resolver.Core.Networks;

/// <summary>A user-defined network: one bridge, its subnets, its names. Immutable.</summary>
public sealed record Network
{
    /// <summary>The name of the network that exists without being created, on which names of peers don't resolve (Docker's default network).</summary>
    public const string DefaultName = "bridge";

    /// <summary>How often addresses that somebody may know as another's are announced where nobody says.</summary>
    public const int DefaultAddressAnnouncements = 3;

    /// <summary>The time between two announcements where nobody says.</summary>
    public static readonly TimeSpan DefaultAddressAnnouncementInterval = TimeSpan.FromSeconds(1);

    /// <summary>The identity.</summary>
    public required ObjectId Id { get; init; }

    /// <summary>The name, unique in the daemon; also the suffix that qualifies the names on it (<c>db.app</c>).</summary>
    public required ObjectName Name { get; init; }

    /// <summary>The subnets with their gateways: at most one per address family.</summary>
    public required ImmutableArray<NetworkSubnet> Subnets { get; init; }

    /// <summary>The bridge on the host: <c>br-</c> and the first 12 digits of <see cref="Id"/>, or <c>resolver0</c> for the default network.</summary>
    public required InterfaceName Bridge { get; init; }

    /// <summary>What a link's MTU is that nobody says anything about, in octets.</summary>
    public const int DefaultMtu = 1500;

    /// <summary>The MTU of its links in octets; null for the kernel's 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>Upstreams of this network (--dns); empty for those of the host's resolv.conf.</summary>
    public ImmutableArray<Upstream> Upstreams { get; init; } = [];

    /// <summary>Search domains (--search) for the sandboxes' resolv.conf.</summary>
    public ImmutableArray<DnsName> Search { get; init; } = [];

    /// <summary>The TTL of its names; null for the daemon's default.</summary>
    public TimeSpan? NameTtl { get; init; }

    /// <summary>
    /// True to ask upstreams for names of a single label that no network of the sandbox knows; false to answer that they do not exist, so that no
    /// internal name leaves the host.
    /// </summary>
    public bool ForwardsSingleLabels { get; init; }

    /// <summary>What may enter and leave it.</summary>
    public TrafficPolicy Policy { get; init; } = TrafficPolicy.Default;

    /// <summary>The address of the host that its endpoints' ports are published on when none is named (host_binding_ipv4); null for all.</summary>
    public IPAddress? PublishAddress { get; init; }

    /// <summary>
    /// How often the addresses of a new endpoint are announced to its neighbours, 0 to 3 (com.docker.network.advertise_addr_nmsgs); null for
    /// <see cref="DefaultAddressAnnouncements"/> where a neighbour may know them as another's, else not at all.
    /// </summary>
    public int? AddressAnnouncements { get; init; }

    /// <summary>The time between two announcements, 100 ms to 2 s (com.docker.network.advertise_addr_ms).</summary>
    public TimeSpan AddressAnnouncementInterval { get; init; } = DefaultAddressAnnouncementInterval;

    /// <summary>What the creator noted about it.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>True for the default network.</summary>
    public bool IsDefault => string.Equals(Name.Value, DefaultName, StringComparison.OrdinalIgnoreCase);

    /// <summary>The subnet of one family; null if it has none.</summary>
    public NetworkSubnet? SubnetOf(AddressFamily family) => Subnets.FirstOrDefault(subnet => subnet.Family == family);

    /// <summary>True if what is published takes a port of the host; in a routed network it is the endpoint's own.</summary>
    public bool PublishesOnHost(AddressFamily family) => Policy.ModeOf(family) != GatewayMode.Routed;

    /// <summary>Where endpoints send what is for elsewhere; null if the network has no way out in that family.</summary>
    public IPAddress? DefaultGatewayOf(AddressFamily family) => Policy.HasWayOut(family) ? SubnetOf(family)?.Gateway : null;
}
