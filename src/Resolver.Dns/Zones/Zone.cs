// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Names;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Zones;

/// <summary>
/// The names of one network: a concurrent map from case-folded wire name to an immutable entry. Readers never lock; a change replaces the
/// entries that it touches. One writer at a time.
/// </summary>
public sealed class Zone
{
    private readonly ConcurrentDictionary<byte[], NameEntry> _names = new(FoldedNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], byte[][]> _pointers = new(FoldedNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], NameEntry>.AlternateLookup<ReadOnlySpan<byte>> _namesBySpan;
    private readonly ConcurrentDictionary<byte[], byte[][]>.AlternateLookup<ReadOnlySpan<byte>> _pointersBySpan;
    private readonly byte[] _origin;
    private readonly ImmutableArray<(uint First, uint Mask)> _ipv4;
    private readonly ImmutableArray<(UInt128 First, UInt128 Mask)> _ipv6;
    private readonly NameEntry? _gateway;

    /// <summary>Makes an empty zone.</summary>
    /// <param name="origin">The network's name: <c>db</c> is also found as <c>db.origin</c>.</param>
    /// <param name="subnets">The prefixes whose reverse names are answered here and never forwarded.</param>
    /// <param name="ttl">The TTL of every RR, and the SOA's MINIMUM; whole seconds count.</param>
    public Zone(DnsName origin, ImmutableArray<Subnet> subnets, TimeSpan ttl)
    {
        Origin = origin;
        TtlSeconds = (uint)ttl.TotalSeconds;
        _origin = WireNames.Encode(origin.Value);
        _ipv4 = [.. subnets.Where(subnet => subnet.IsIPv4).Select(FirstAndMask)];
        _ipv6 = [.. subnets.Where(subnet => !subnet.IsIPv4).Select(FirstAndMask6)];
        _namesBySpan = _names.GetAlternateLookup<ReadOnlySpan<byte>>();
        _pointersBySpan = _pointers.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The network's name.</summary>
    public DnsName Origin { get; }

    /// <summary>How many names it holds, without the qualified forms.</summary>
    public int NameCount => _names.Count;

    /// <summary>The host's addresses in the network: what <c>gateway.origin</c> answers, and what has that name in reverse.</summary>
    public ImmutableArray<IPAddress> Gateways
    {
        get;
        init
        {
            field = value;
            _gateway = new NameEntry(value);
            foreach (IPAddress gateway in value)
            {
                _pointers[ReverseNames.EncodeLabels(gateway)] = [[.. GatewayLabel, .. _origin]];
            }
        }
    } = [];

    /// <summary>True if names of a single label that are not known may be asked upstream.</summary>
    public bool ForwardsSingleLabels { get; init; }

    internal uint TtlSeconds { get; }

    private static ReadOnlySpan<byte> GatewayLabel => "\u0007gateway"u8;

    /// <summary>Makes a change visible: additions first, removals after, each name in one replacement (its A and AAAA change together).</summary>
    public void Apply(ZoneDelta delta)
    {
        foreach (NameAddresses change in delta.Names.Where(change => !change.Addresses.IsEmpty))
        {
            _names[WireNames.EncodeLabels(change.Name)] = new NameEntry(change.Addresses);
        }

        foreach (AddressPointers change in delta.Pointers.Where(change => !change.Names.IsEmpty))
        {
            _pointers[ReverseNames.EncodeLabels(change.Address)] =
                [.. change.Names.Select(name => name.Append(Origin) ?? name).Select(name => WireNames.Encode(name.Value))];
        }

        foreach (NameAddresses change in delta.Names.Where(change => change.Addresses.IsEmpty))
        {
            _names.TryRemove(WireNames.EncodeLabels(change.Name), out _);
        }

        foreach (AddressPointers change in delta.Pointers.Where(change => change.Names.IsEmpty))
        {
            _pointers.TryRemove(ReverseNames.EncodeLabels(change.Address), out _);
        }
    }

    /// <summary>Finds a name as it was registered.</summary>
    /// <param name="name">A wire name with its closing zero.</param>
    /// <param name="entry">Its addresses.</param>
    internal bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out NameEntry? entry) => _namesBySpan.TryGetValue(name[..^1], out entry);

    /// <summary>Finds a name that is qualified by the network's: <c>db.app</c>.</summary>
    internal bool TryFindQualified(ReadOnlySpan<byte> name, [NotNullWhen(true)] out NameEntry? entry)
    {
        entry = null;
        int split = name.Length - _origin.Length;
        if (split <= 0 || !WireNames.EqualFolded(name[split..], _origin))
        {
            return false;
        }

        // The equal tail counts only if a label starts where it does.
        int position = 0;
        while (position < split)
        {
            position += 1 + name[position];
        }

        if (position != split || _namesBySpan.TryGetValue(name[..split], out entry))
        {
            return position == split;
        }

        // A name that somebody registered comes first.
        entry = WireNames.EqualFolded(name[..split], GatewayLabel) ? _gateway : null;
        return entry is not null;
    }

    /// <summary>True for the network's own name, which exists because names below it do (RFC 8020 §2).</summary>
    internal bool IsOrigin(ReadOnlySpan<byte> name) => WireNames.EqualFolded(name, _origin);

    /// <summary>Finds the names of an address.</summary>
    internal bool TryFindPointers(ReadOnlySpan<byte> name, [NotNullWhen(true)] out byte[][]? targets) =>
        _pointersBySpan.TryGetValue(name[..^1], out targets);

    /// <summary>True if an IPv4 address (in network order) belongs to the network.</summary>
    internal bool Owns(uint address)
    {
        foreach ((uint first, uint mask) in _ipv4)
        {
            if ((address & mask) == first)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True if an IPv6 address belongs to the network.</summary>
    internal bool Owns(UInt128 address)
    {
        foreach ((UInt128 first, UInt128 mask) in _ipv6)
        {
            if ((address & mask) == first)
            {
                return true;
            }
        }

        return false;
    }

    private static (UInt128 First, UInt128 Mask) FirstAndMask6(Subnet subnet)
    {
        UInt128 mask = subnet.PrefixLength == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - subnet.PrefixLength);
        return (BinaryPrimitives.ReadUInt128BigEndian(subnet.First.GetAddressBytes()), mask);
    }

    private static (uint First, uint Mask) FirstAndMask(Subnet subnet)
    {
        uint mask = subnet.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - subnet.PrefixLength);
        return (BinaryPrimitives.ReadUInt32BigEndian(subnet.First.GetAddressBytes()), mask);
    }
}
