// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Names;

namespace Resolver.Dns.Zones;

/// <summary>What changes in a zone. Its size is the change's, never the zone's.</summary>
/// <param name="Names">Names with all their addresses from now on; none removes the name.</param>
/// <param name="Pointers">Addresses with the names that PTR gives from now on, primary first, unqualified; none removes the pointer.</param>
public sealed record ZoneDelta(ImmutableArray<NameAddresses> Names, ImmutableArray<AddressPointers> Pointers);

/// <summary>A name and all its addresses, both families.</summary>
/// <param name="Name">Unqualified, as registered.</param>
/// <param name="Addresses">Without duplicates.</param>
public sealed record NameAddresses(DnsName Name, ImmutableArray<IPAddress> Addresses);

/// <summary>An address and the names it has.</summary>
/// <param name="Address">The address.</param>
/// <param name="Names">Unqualified; PTR answers them qualified by the zone's origin (<c>db.app.</c>).</param>
public sealed record AddressPointers(IPAddress Address, ImmutableArray<DnsName> Names);
