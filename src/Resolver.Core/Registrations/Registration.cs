// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Names;

namespace Resolver.Core.Registrations;

/// <summary>A name in a network that points at addresses which this daemon did not build. Immutable. Unique by network and <see cref="Name"/>.</summary>
public sealed record Registration
{
    /// <summary>The most addresses that one registration may have.</summary>
    public const int MaxAddresses = 1024;

    /// <summary>The most aliases that one registration may have.</summary>
    public const int MaxAliases = 64;

    /// <summary>The network whose zone holds the name.</summary>
    public required ObjectId NetworkId { get; init; }

    /// <summary>The name.</summary>
    public required DnsName Name { get; init; }

    /// <summary>Other names for the same addresses.</summary>
    public ImmutableArray<DnsName> Aliases { get; init; } = [];

    /// <summary>The addresses, 1 to <see cref="MaxAddresses"/>, without duplicates.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }
}
