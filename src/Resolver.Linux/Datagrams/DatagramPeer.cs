// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;

namespace Resolver.Linux.Datagrams;

/// <summary>The sender of a datagram, to be kept and replied to later. IPv4 or IPv6, 24 octets, no allocation.</summary>
/// <param name="AddressHigh">The upper 8 octets of an IPv6 address; 0 for IPv4.</param>
/// <param name="AddressLow">The lower 8 octets of an IPv6 address, or the IPv4 address.</param>
/// <param name="Port">The port in host order.</param>
/// <param name="IsIPv6">The family.</param>
public readonly record struct DatagramPeer(ulong AddressHigh, ulong AddressLow, ushort Port, bool IsIPv6)
{
    /// <summary>The link that an IPv6 address of a link belongs to; 0 for others.</summary>
    public uint ScopeId { get; init; }

    /// <summary>The same as an allocated object, for logs.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(octets, AddressHigh);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], AddressLow);
        return new IPEndPoint(IsIPv6 ? new IPAddress(octets, ScopeId) : new IPAddress(octets[12..]), Port);
    }
}
