// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Asking;

/// <summary>A name that every client asks for.</summary>
/// <param name="Kind">What kind of name it is, for the name of a test.</param>
/// <param name="Name">The name itself.</param>
/// <param name="Addresses">Its addresses; none when the name does not exist.</param>
public sealed record AskedName(string Kind, string Name, ImmutableHashSet<IPAddress> Addresses)
{
    /// <summary>The addresses of the name many: too much for any datagram.</summary>
    public static IReadOnlyList<string> ManyAddresses { get; } = [.. Enumerable.Range(0, 300).Select(n => $"10.99.{n / 100}.{(n % 100) + 1}")];

    public static IReadOnlyList<AskedName> All { get; } =
    [
        Of("a peer", "peer", "172.30.0.20"),
        Of("a peer in mixed case", "PeEr.aPP", "172.30.0.20"),
        Of("an alias", "store", "172.30.0.20"),
        Of("a missing name", "nosuchpeer"),
        Of("a missing name of outside", "nosuch.example.org"),
        Of("a name of outside", "both.example.org", Upstream.OutsideAddress, Upstream.OutsideAddress6),
        Of("a chain of names outside", "alias.example.org", Upstream.OutsideAddress, Upstream.OutsideAddress6),
        Of("an IPv6-only name", "six", "fd00:30::20"),
        Of("a name with 300 addresses", "many", [.. ManyAddresses]),
    ];

    private static AskedName Of(string kind, string name, params string[] addresses) => new(kind, name, [.. addresses.Select(IPAddress.Parse)]);
}
