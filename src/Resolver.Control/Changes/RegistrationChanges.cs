// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Names;

namespace Resolver.Control.Changes;

/// <summary>Registers a name for addresses that this daemon did not build, replacing an earlier registration of the name.</summary>
/// <param name="Network">Name or id.</param>
/// <param name="Name">The name.</param>
/// <param name="Addresses">1 to 1024, any family.</param>
/// <param name="Aliases">Up to 64 further names.</param>
public sealed record RegisterNames(string Network, DnsName Name, ImmutableArray<IPAddress> Addresses, ImmutableArray<DnsName> Aliases) : Change;

/// <summary>Takes a registration back.</summary>
/// <param name="Network">Name or id.</param>
/// <param name="Name">The name.</param>
public sealed record DeregisterNames(string Network, DnsName Name) : Change;
