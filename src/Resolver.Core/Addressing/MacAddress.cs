// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Resolver.Core.Failures;

namespace Resolver.Core.Addressing;

/// <summary>A 48-bit Ethernet unicast address. Value equality.</summary>
public readonly record struct MacAddress
{
    /// <summary>The number of octets.</summary>
    public const int LengthBytes = 6;

    private readonly ulong _bits;

    private MacAddress(ulong bits)
    {
        _bits = bits;
    }

    /// <summary>The six octets in transmission order.</summary>
    public byte[] ToBytes()
    {
        byte[] octets = new byte[LengthBytes];
        for (int i = 0; i < LengthBytes; i++)
        {
            octets[i] = (byte)(_bits >> (40 - (8 * i)));
        }

        return octets;
    }

    /// <summary>The IPv6 link-local address that the kernel makes of it (modified EUI-64, RFC 4291 appendix A).</summary>
    public IPAddress ToLinkLocal()
    {
        byte[] octets = ToBytes();
        return new IPAddress((ReadOnlySpan<byte>)
            [0xFE, 0x80, 0, 0, 0, 0, 0, 0, (byte)(octets[0] ^ 2), octets[1], octets[2], 0xFF, 0xFE, octets[3], octets[4], octets[5]]);
    }

    /// <summary>Makes a locally administered unicast address of six random octets (IEEE 802: bit 1 of the first octet set, bit 0 clear).</summary>
    public static MacAddress FromRandom(ReadOnlySpan<byte> random)
    {
        ulong bits = Read(random);
        return new MacAddress((bits & ~(1UL << 40)) | (1UL << 41));
    }

    /// <summary>Makes an address of six octets in transmission order.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> octets) => new(Read(octets));

    /// <summary>Reads <c>02:42:ac:11:00:02</c> (':' or '-').</summary>
    /// <exception cref="RefusedException">Not six octets, or a group address, or all zero.</exception>
    public static MacAddress Parse(string text, string field)
    {
        return TryParse(text, out MacAddress address)
            ? address
            : throw RefusedException.Invalid(field, $"{field} '{Names.Printable.Quote(text)}' is no unicast MAC address such as 02:42:ac:11:00:02");
    }

    /// <summary>Reads an address, false if it is none or a group address.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress address)
    {
        address = default;
        string[] parts = text?.Split(text.Contains('-', StringComparison.Ordinal) ? '-' : ':') ?? [];
        ulong bits = 0;
        foreach (string part in parts)
        {
            if (part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                return false;
            }

            bits = (bits << 8) | octet;
        }

        if (parts.Length != LengthBytes || bits == 0 || ((bits >> 40) & 1) == 1)
        {
            return false;
        }

        address = new MacAddress(bits);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', ToBytes().Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)));

    private static ulong Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != LengthBytes)
        {
            throw new ArgumentException($"a MAC address has {LengthBytes} octets", nameof(octets));
        }

        ulong bits = 0;
        foreach (byte octet in octets)
        {
            bits = (bits << 8) | octet;
        }

        return bits;
    }
}
