// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink.Route;

/// <summary>What to change on a link; null leaves as it is.</summary>
public sealed record LinkChange
{
    /// <summary>IFF_UP.</summary>
    public bool? Up { get; init; }

    /// <summary>IFLA_MASTER; an index of 0 takes the link out of its bridge.</summary>
    public LinkIndex? Master { get; init; }

    /// <summary>IFLA_ADDRESS, six octets.</summary>
    public byte[]? HardwareAddress { get; init; }

    /// <summary>IFLA_MTU in octets.</summary>
    public int? Mtu { get; init; }

    /// <summary>
    /// Whether the link gets an IPv6 link-local address when it comes up (IFLA_INET6_ADDR_GEN_MODE). Each one costs multicast to every port of a
    /// bridge, so what needs none should have none: with 600 ports, 6 ms per new port instead of 2.
    /// </summary>
    public bool? GeneratesLinkLocal { get; init; }

    /// <summary>IFLA_GROUP, by which rules may name it.</summary>
    public uint? Group { get; init; }

    /// <summary>IFLA_BRPORT_MODE of a port of a bridge, whether it sends back by where it came in: not in one request with the master, whose port it must be already.</summary>
    public bool? IsHairpin { get; init; }

    /// <summary>IFLA_IFALIAS; empty removes it.</summary>
    public string? Alias { get; init; }
}
