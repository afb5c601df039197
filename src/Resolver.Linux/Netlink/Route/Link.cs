// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Linux.Netlink.Route;

/// <summary>A link as the kernel reports it (RTM_NEWLINK).</summary>
public sealed record Link
{
    /// <summary>Its number.</summary>
    public required LinkIndex Index { get; init; }

    /// <summary>IFLA_IFNAME.</summary>
    public required string Name { get; init; }

    /// <summary>IFLA_INFO_KIND: "bridge", "veth"; null for loopback and hardware.</summary>
    public string? Kind { get; init; }

    /// <summary>IFLA_IFALIAS; null if none.</summary>
    public string? Alias { get; init; }

    /// <summary>IFLA_ADDRESS; empty if none.</summary>
    public ImmutableArray<byte> HardwareAddress { get; init; } = [];

    /// <summary>IFLA_MTU in octets.</summary>
    public int Mtu { get; init; }

    /// <summary>IFLA_GROUP.</summary>
    public uint Group { get; init; }

    /// <summary>IFLA_MASTER; null if it has none.</summary>
    public LinkIndex? Master { get; init; }

    /// <summary>IFLA_LINK: the peer of a veth (in the namespace <see cref="PeerNetnsId"/>, if that is not null).</summary>
    public LinkIndex? Peer { get; init; }

    /// <summary>IFLA_LINK_NETNSID; null when the peer is in the same namespace.</summary>
    public int? PeerNetnsId { get; init; }

    /// <summary>IFF_UP: set up by the administrator.</summary>
    public bool IsUp { get; init; }
}
