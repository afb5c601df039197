// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Registrations;

namespace Resolver.Control;

/// <summary>An endpoint or a registration with the names that it gives to its addresses.</summary>
/// <param name="Endpoint">The endpoint; null for a registration.</param>
/// <param name="Names">All names without duplicates, the main one first.</param>
/// <param name="Addresses">The addresses.</param>
internal sealed record NameOwner(ObjectId? Endpoint, ImmutableArray<DnsName> Names, ImmutableArray<IPAddress> Addresses)
{
    /// <summary>Which of its names PTR gives.</summary>
    internal DnsName MainName => Names[0];

    internal static NameOwner Of(Endpoint endpoint, Sandbox sandbox)
    {
        IEnumerable<DnsName> names = [sandbox.Name.ToDnsName(), .. endpoint.Aliases, DnsName.Parse(sandbox.Id.ShortId, "id")];
        return new NameOwner(endpoint.Id, [.. names.Concat(sandbox.Hostname is { } hostname ? [hostname] : []).Distinct()], endpoint.Addresses);
    }

    internal static NameOwner Of(Registration registration) =>
        new(null, [.. registration.Aliases.Prepend(registration.Name).Distinct()], registration.Addresses);

    /// <summary>True if both are the same endpoint, or the same registration of one network.</summary>
    internal bool IsSame(NameOwner other) => Endpoint == other.Endpoint && (Endpoint is not null || MainName.Equals(other.MainName));
}
