// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;

namespace Resolver.Linux.Sockets;

/// <summary>Consecutive ports of one address.</summary>
/// <param name="Address">The address; <see cref="IPAddress.Any"/> or <see cref="IPAddress.IPv6Any"/> for all of a family.</param>
/// <param name="First">The lowest port; 0, for a single one, lets the kernel choose.</param>
/// <param name="Count">How many.</param>
/// <param name="Protocol">TCP, UDP, or another transport by its IANA number.</param>
public readonly record struct PortBlock(IPAddress Address, ushort First, int Count, ProtocolType Protocol)
{
    private const int Sctp = 132; // IPPROTO_SCTP

    /// <summary>True for all addresses of both families, which one socket holds; the address is <see cref="IPAddress.IPv6Any"/> then.</summary>
    public bool IsOfBothFamilies { get; init; }

    /// <summary>A port of the block as it is named in messages: <c>0.0.0.0:8080/tcp</c>.</summary>
    /// <param name="index">0 for the lowest.</param>
    internal string NameOf(int index) =>
        $"{new IPEndPoint(Address, First + index)}/{((int)Protocol == Sctp ? "sctp" : Protocol.ToString().ToLowerInvariant())}";
}
