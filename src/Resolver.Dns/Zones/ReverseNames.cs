// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;

using Resolver.Dns.Wire;

namespace Resolver.Dns.Zones;

/// <summary>Addresses as names: in-addr.arpa (RFC 1035 §3.5) and ip6.arpa (RFC 3596 §2.5).</summary>
internal static class ReverseNames
{
    /// <summary>The labels without the closing zero.</summary>
    internal static byte[] EncodeLabels(IPAddress address)
    {
        IEnumerable<string> labels = address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes().Reverse().Select(octet => octet.ToString(CultureInfo.InvariantCulture)).Append("in-addr")
            : address.GetAddressBytes().Reverse()
                .SelectMany(octet => new[] { $"{octet & 0xF:x}", $"{octet >> 4:x}" }).Append("ip6");
        return WireNames.Encode(string.Join('.', labels.Append("arpa")))[..^1];
    }

    /// <summary>The IPv4 address of a full reverse name (with or without the closing zero), as an integer in network order.</summary>
    internal static bool TryParseIPv4(ReadOnlySpan<byte> name, out uint address)
    {
        address = 0;
        int position = 0;
        for (int i = 0; i < 4; i++)
        {
            if (position >= name.Length || !TryParseOctet(name[position..], out int length, out uint octet))
            {
                return false;
            }

            address |= octet << (8 * i);
            position += 1 + length;
        }

        return WireNames.EqualFolded(name[position..].TrimEnd((byte)0), "\u0007in-addr\u0004arpa"u8);
    }

    /// <summary>The IPv6 address of a full reverse name (with or without the closing zero).</summary>
    internal static bool TryParseIPv6(ReadOnlySpan<byte> name, out UInt128 address)
    {
        const int Nibbles = 32;
        address = UInt128.Zero;
        if (name.Length < Nibbles * 2)
        {
            return false;
        }

        for (int i = Nibbles - 1; i >= 0; i--)
        {
            int digit = name[2 * i] == 1 ? HexValue(name[(2 * i) + 1]) : -1;
            if (digit < 0)
            {
                return false;
            }

            address = (address << 4) | (uint)digit;
        }

        return WireNames.EqualFolded(name[(Nibbles * 2)..].TrimEnd((byte)0), "\u0003ip6\u0004arpa"u8);
    }

    private static int HexValue(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };

    private static bool TryParseOctet(ReadOnlySpan<byte> label, out int length, out uint value)
    {
        length = label[0];
        value = 0;
        if (length is 0 or > 3 || label.Length <= length)
        {
            return false;
        }

        foreach (byte digit in label.Slice(1, length))
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (uint)(digit - '0');
        }

        return value <= 255;
    }
}
