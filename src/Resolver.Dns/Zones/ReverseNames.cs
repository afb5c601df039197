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
