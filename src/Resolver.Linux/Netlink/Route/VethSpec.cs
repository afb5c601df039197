// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Netlink.Route;

/// <summary>
/// A veth pair to create in one request, the peer born in its namespace under its final name: 0.4 ms, against 17 ms for moving it there
/// afterwards, because a move waits for RCU grace periods.
/// </summary>
public sealed record VethSpec
{
    /// <summary>The name of the near end.</summary>
    public required string Name { get; init; }

    /// <summary>IFLA_IFALIAS of the near end; null for none.</summary>
    public string? Alias { get; init; }

    /// <summary>The bridge that the near end becomes a port of; null for none.</summary>
    public LinkIndex? Master { get; init; }

    /// <summary>True to let the bridge send frames back through the near end they came in by (IFLA_BRPORT_MODE); needs <see cref="Master"/>.</summary>
    public bool IsHairpin { get; init; }

    /// <summary>Whether the near end gets an IPv6 link-local address when it comes up; null leaves it to the namespace's default.</summary>
    public bool? GeneratesLinkLocal { get; init; }

    /// <summary>IFLA_GROUP of the near end, by which rules may name it; null for the kernel's 0.</summary>
    public uint? Group { get; init; }

    /// <summary>True to create the near end up.</summary>
    public bool Up { get; init; }

    /// <summary>The name of the far end.</summary>
    public required string PeerName { get; init; }

    /// <summary>The namespace of the far end.</summary>
    public required NetworkNamespace PeerNetns { get; init; }

    /// <summary>The six octets of the far end; null lets the kernel choose.</summary>
    public byte[]? PeerHardwareAddress { get; init; }

    /// <summary>MTU of both ends in octets; null for the kernel's default.</summary>
    public int? Mtu { get; init; }

    /// <summary>MTU of the far end in octets; null for that of both.</summary>
    public int? PeerMtu { get; init; }
}
