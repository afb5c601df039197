// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;

namespace Resolver.Networking.Coexistence;

/// <summary>Links of the host to which something happened.</summary>
public sealed record LinksChanges
{
    /// <summary>All of them.</summary>
    public static LinksChanges All { get; } = new() { IsAll = true };

    internal bool IsAll { get; init; }

    internal ImmutableHashSet<string> Names { get; init; } = [];

    /// <summary>The ids in the aliases of links of ours, whatever their names are now.</summary>
    internal ImmutableHashSet<string> ShortIds { get; init; } = [];

    /// <summary>True if a network's bridge may be among them.</summary>
    public bool MayConcern(Network network) => IsAll || Names.Contains(network.Bridge.Value) || ShortIds.Contains(network.Id.ShortId);

    /// <summary>True if an endpoint's link may be among them.</summary>
    public bool MayConcern(Endpoint endpoint) => IsAll || Names.Contains(endpoint.HostLink.Value) || ShortIds.Contains(endpoint.Id.ShortId);
}
