// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;

namespace Resolver.Networking.Announcing;

/// <summary>The frames that tell a network whose an address is: an ARP announcement (RFC 5227 §2.3) or an unsolicited neighbour advertisement (RFC 4861 §7.2.6). Pure.</summary>
internal static class Announcements
{
    private const int EthernetLength = 14;
    private const int IPv6Length = 40;
    private const int AdvertisementLength = 32; // With the option that has the MAC address.
    private const ushort Arp = 0x0806;
    private const ushort IPv6 = 0x86DD;
    private const byte IcmpV6 = 58;

    private static ReadOnlySpan<byte> AllNodes => [0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    internal static ImmutableArray<byte[]> Of(MacAddress mac, IEnumerable<IPAddress> addresses) =>
        [.. addresses.Select(address => address.AddressFamily == AddressFamily.InterNetwork ? OfIPv4(mac, address) : OfIPv6(mac, address))];

    //  Ethernet: to all | from MAC | 0806
    //  ARP: 0001 Ethernet | 0800 IPv4 | 6 4 | 0001 request | MAC | address | 0 | address
    private static byte[] OfIPv4(MacAddress mac, IPAddress address)
    {
        byte[] frame = new byte[EthernetLength + 28];
        byte[] own = mac.ToBytes();
        byte[] ip = address.GetAddressBytes();
        WriteEthernet(frame, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], own, Arp);
        Span<byte> arp = frame.AsSpan(EthernetLength);
        ((ReadOnlySpan<byte>)[0, 1, 0x08, 0, 6, 4, 0, 1]).CopyTo(arp);
        own.CopyTo(arp[8..]);
        ip.CopyTo(arp[14..]);
        ip.CopyTo(arp[24..]);
        return frame;
    }

    //  Ethernet: to 33:33:00:00:00:01 | from MAC | 86DD
    //  IPv6: 6 | length 32 | ICMPv6 | hop limit 255 | from the address | to ff02::1
    //  ICMPv6: 136 0 | checksum | override | target | option 2: MAC
    private static byte[] OfIPv6(MacAddress mac, IPAddress address)
    {
        byte[] frame = new byte[EthernetLength + IPv6Length + AdvertisementLength];
        byte[] own = mac.ToBytes();
        byte[] ip = address.GetAddressBytes();
        WriteEthernet(frame, [0x33, 0x33, 0, 0, 0, 1], own, IPv6);
        Span<byte> header = frame.AsSpan(EthernetLength, IPv6Length);
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], AdvertisementLength);
        header[6] = IcmpV6;
        header[7] = 255;
        ip.CopyTo(header[8..]);
        AllNodes.CopyTo(header[24..]);

        Span<byte> message = frame.AsSpan(EthernetLength + IPv6Length);
        message[0] = 136;
        message[4] = 0x20; // Override: replaces what neighbours know.
        ip.CopyTo(message[8..]);
        ((ReadOnlySpan<byte>)[2, 1]).CopyTo(message[24..]);
        own.CopyTo(message[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum(header[8..], message));
        return frame;
    }

    private static void WriteEthernet(Span<byte> frame, ReadOnlySpan<byte> to, ReadOnlySpan<byte> from, ushort type)
    {
        to.CopyTo(frame);
        from.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
    }

    // RFC 4443 §2.3: over both addresses, the length, the protocol and the message.
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> message)
    {
        uint sum = (uint)message.Length + IcmpV6 + Sum(addresses) + Sum(message);
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static uint Sum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < octets.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        }

        return sum;
    }
}
