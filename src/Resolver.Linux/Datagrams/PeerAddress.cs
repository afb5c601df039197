// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>
/// A peer as the kernel writes it:
/// <code>
/// sockaddr_in:  family u16 (host) | port u16 (network) | address 4 | zero 8                          16 octets
/// sockaddr_in6: family u16 (host) | port u16 (network) | flowinfo 4 | address 16 | scope u32 (host)  28 octets
/// </code>
/// </summary>
internal static class PeerAddress
{
    internal const int MaxLengthBytes = 28;

    private const int IPv4LengthBytes = 16;

    internal static DatagramPeer Of(IPEndPoint endpoint)
    {
        byte[] octets = endpoint.Address.GetAddressBytes();
        return endpoint.AddressFamily == AddressFamily.InterNetworkV6
            ? new DatagramPeer(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets.AsSpan(8)), (ushort)endpoint.Port, IsIPv6: true)
            {
                ScopeId = (uint)endpoint.Address.ScopeId,
            }
            : new DatagramPeer(0, BinaryPrimitives.ReadUInt32BigEndian(octets), (ushort)endpoint.Port, IsIPv6: false);
    }

    internal static DatagramPeer Read(ReadOnlySpan<byte> address)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) == Libc.AF_INET6
            ? new DatagramPeer(BinaryPrimitives.ReadUInt64BigEndian(address[8..]), BinaryPrimitives.ReadUInt64BigEndian(address[16..]), port, IsIPv6: true)
            {
                ScopeId = MemoryMarshal.Read<uint>(address[24..]),
            }
            : new DatagramPeer(0, BinaryPrimitives.ReadUInt32BigEndian(address[4..]), port, IsIPv6: false);
    }

    /// <summary>Writes the peer and returns the length of its form.</summary>
    internal static int Write(in DatagramPeer peer, Span<byte> address)
    {
        address.Clear();
        ushort family = peer.IsIPv6 ? Libc.AF_INET6 : Libc.AF_INET;
        MemoryMarshal.Write(address, in family);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], peer.Port);
        if (!peer.IsIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(address[4..], (uint)peer.AddressLow);
            return IPv4LengthBytes;
        }

        BinaryPrimitives.WriteUInt64BigEndian(address[8..], peer.AddressHigh);
        BinaryPrimitives.WriteUInt64BigEndian(address[16..], peer.AddressLow);
        uint scope = peer.ScopeId;
        MemoryMarshal.Write(address[24..], in scope);
        return MaxLengthBytes;
    }
}
