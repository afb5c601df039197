// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Core.Names;

namespace Resolver.Dns.Zones;

/// <summary>
/// The names of one network: a concurrent map from case-folded wire name to an immutable entry. Readers never lock; a change replaces the
/// entries that it touches. One writer at a time.
/// </summary>
public sealed class Zone
{
    /// <summary>Makes an empty zone.</summary>
    /// <param name="origin">The network's name: <c>db</c> is also found as <c>db.origin</c>.</param>
    /// <param name="subnets">The prefixes whose reverse names are answered here and never forwarded.</param>
    /// <param name="ttl">The TTL of every RR, and the SOA's MINIMUM.</param>
    public Zone(DnsName origin, ImmutableArray<Subnet> subnets, TimeSpan ttl) => throw new NotImplementedException();

    /// <summary>The network's name.</summary>
    public DnsName Origin => throw new NotImplementedException();

    /// <summary>How many names it holds, without the qualified forms.</summary>
    public int NameCount => throw new NotImplementedException();

    /// <summary>Makes a change visible: additions first, removals after, each name in one replacement (its A and AAAA change together).</summary>
    public void Apply(ZoneDelta delta) => throw new NotImplementedException();
}
