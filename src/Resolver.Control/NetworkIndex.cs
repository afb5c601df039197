// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Names;

namespace Resolver.Control;

/// <summary>What one network has, by what an admission asks for. Immutable.</summary>
internal sealed record NetworkIndex
{
    internal static NetworkIndex Empty { get; } = new();

    internal ImmutableSortedSet<EndpointKey> Endpoints { get; init; } = [];

    /// <summary>Addresses in use, with the endpoint that has them.</summary>
    internal ImmutableDictionary<IPAddress, ObjectId> Addresses { get; init; } = ImmutableDictionary<IPAddress, ObjectId>.Empty;

    internal ImmutableDictionary<MacAddress, ObjectId> Macs { get; init; } = ImmutableDictionary<MacAddress, ObjectId>.Empty;

    /// <summary>The addresses that the last endpoint took; empty before the first. The next are looked for behind them.</summary>
    internal ImmutableArray<IPAddress> LastAddresses { get; init; } = [];

    /// <summary>The names of the registrations.</summary>
    internal ImmutableHashSet<DnsName> Registrations { get; init; } = [];

    /// <summary>Names that questions may see, with all who share them in the order in which they came.</summary>
    internal ImmutableDictionary<DnsName, ImmutableArray<NameOwner>> Names { get; init; } = ImmutableDictionary<DnsName, ImmutableArray<NameOwner>>.Empty;

    /// <summary>Addresses that questions may see, with those whose main name PTR gives.</summary>
    internal ImmutableDictionary<IPAddress, ImmutableArray<NameOwner>> Pointers { get; init; } =
        ImmutableDictionary<IPAddress, ImmutableArray<NameOwner>>.Empty;

    internal IPAddress? LastAddressOf(AddressFamily family) => LastAddresses.FirstOrDefault(address => address.AddressFamily == family);

    internal NetworkIndex Publish(NameOwner owner) => this with
    {
        Names = owner.Names.Aggregate(Names, (names, name) => names.SetItem(name, names.GetValueOrDefault(name, []).Add(owner))),
        Pointers = owner.Addresses.Aggregate(Pointers, (pointers, address) => pointers.SetItem(address, pointers.GetValueOrDefault(address, []).Add(owner))),
    };

    internal NetworkIndex Unpublish(NameOwner owner) => this with
    {
        Names = owner.Names.Aggregate(Names, (names, name) => Without(names, name, owner)),
        Pointers = owner.Addresses.Aggregate(Pointers, (pointers, address) => Without(pointers, address, owner)),
    };

    private static ImmutableDictionary<TKey, ImmutableArray<NameOwner>> Without<TKey>(
        ImmutableDictionary<TKey, ImmutableArray<NameOwner>> index, TKey key, NameOwner owner)
        where TKey : notnull
    {
        ImmutableArray<NameOwner> rest = index.GetValueOrDefault(key, []).RemoveAll(other => other.IsSame(owner));
        return rest.IsEmpty ? index.Remove(key) : index.SetItem(key, rest);
    }
}
