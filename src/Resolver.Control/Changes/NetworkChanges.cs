// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;

using Resolver.Core.Addressing;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>Creates a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subnet">Its IPv4 subnet; null for the next of the default pools.</param>
/// <param name="Gateway">The bridge's address; null for the subnet's first.</param>
public sealed record CreateNetwork(ObjectName Name, Subnet? Subnet, IPAddress? Gateway) : Change
{
    /// <summary>MTU in octets, 68 to 65535; null for 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>Upstreams; empty for the host's.</summary>
    public ImmutableArray<Upstream> Upstreams { get; init; } = [];

    /// <summary>Search domains.</summary>
    public ImmutableArray<DnsName> Search { get; init; } = [];

    /// <summary>The TTL of its names, a second to a day; null for the daemon's default.</summary>
    public TimeSpan? NameTtl { get; init; }

    /// <summary>True to ask upstreams for unknown names of a single label.</summary>
    public bool ForwardsSingleLabels { get; init; }

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Removes a network; refused while it has endpoints (naming their sandboxes), and for the default network.</summary>
/// <param name="Network">Name or id.</param>
public sealed record RemoveNetwork(string Network) : Change;
