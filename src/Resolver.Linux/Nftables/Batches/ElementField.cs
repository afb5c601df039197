// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>
/// One part of an element's key or value: as nft(8) writes it, and as the kernel holds it (network byte order). Two are the same if their texts are.
/// </summary>
public sealed class ElementField : IEquatable<ElementField>
{
    private const int LinkNameBytes = 16; // IFNAMSIZ

    private readonly byte[] _first;
    private readonly byte[] _last;

    private ElementField(string text, byte[] first, byte[]? last = null)
    {
        Text = text;
        _first = first;
        _last = last ?? first;
    }

    /// <summary>As nft(8) writes it.</summary>
    public string Text { get; }

    /// <summary>What the kernel compares; of a range the first value.</summary>
    internal ReadOnlySpan<byte> First => _first;

    /// <summary>Of a range the last value that belongs to it, else the same as <see cref="First"/>.</summary>
    internal ReadOnlySpan<byte> Last => _last;

    /// <summary>A link's name (type <c>ifname</c>).</summary>
    /// <exception cref="ArgumentException">Longer than 15 octets.</exception>
    public static ElementField LinkName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte[] octets = new byte[LinkNameBytes];
        return Encoding.UTF8.TryGetBytes(name, octets.AsSpan(0, LinkNameBytes - 1), out _)
            ? new ElementField($"\"{name}\"", octets)
            : throw new ArgumentException($"{name} is too long for the name of a link", nameof(name));
    }

    /// <summary>A MAC address (type <c>ether_addr</c>).</summary>
    public static ElementField HardwareAddress(ReadOnlySpan<byte> octets) =>
        new(string.Join(':', octets.ToArray().Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture))), octets.ToArray());

    /// <summary>An IP address (type <c>ipv4_addr</c> or <c>ipv6_addr</c>).</summary>
    public static ElementField Address(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new ElementField(address.ToString(), address.GetAddressBytes());
    }

    /// <summary>All addresses of a prefix, for sets of intervals.</summary>
    public static ElementField Prefix(IPNetwork prefix)
    {
        byte[] first = prefix.BaseAddress.GetAddressBytes();
        byte[] last = [.. first];
        for (int bit = prefix.PrefixLength; bit < last.Length * 8; bit++)
        {
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new ElementField(prefix.ToString(), first, last);
    }

    /// <summary>A transport protocol (type <c>inet_proto</c>).</summary>
    /// <param name="name">As nft(8) calls it.</param>
    /// <param name="number">Its number in IP.</param>
    public static ElementField Protocol(string name, byte number) => new(name, [number]);

    /// <summary>A port (type <c>inet_service</c>).</summary>
    public static ElementField Port(ushort port) => new(port.ToString(CultureInfo.InvariantCulture), Octets(port));

    /// <summary>The ports from one to another, for sets of intervals.</summary>
    public static ElementField Ports(ushort first, ushort last) =>
        first == last ? Port(first) : new ElementField(string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"), Octets(first), Octets(last));

    /// <summary>A number of any length, as a payload expression yields it.</summary>
    public static ElementField Number(ReadOnlySpan<byte> octets) => new($"0x{Convert.ToHexStringLower(octets)}", octets.ToArray());

    /// <inheritdoc/>
    public bool Equals(ElementField? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ElementField);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static byte[] Octets(ushort value)
    {
        byte[] octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, value);
        return octets;
    }
}
