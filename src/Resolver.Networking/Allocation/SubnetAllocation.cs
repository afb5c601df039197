// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses subnets. Pure.</summary>
public static class SubnetAllocation
{
    /// <summary>The first subnet of the pools that overlaps nothing in <paramref name="taken"/>.</summary>
    /// <exception cref="Core.Failures.RefusedException">Exhausted: all pools are full; the message names them and the option to enlarge them.</exception>
    public static Subnet Next(ImmutableArray<SubnetPool> pools, IReadOnlyCollection<Subnet> taken) => throw new NotImplementedException();
}

/// <summary>A prefix from which subnets of one size are taken, such as 10.201.0.0/16 in /24s.</summary>
/// <param name="Prefix">The whole.</param>
/// <param name="SubnetLength">The prefix length of each subnet; at least that of <paramref name="Prefix"/>.</param>
public sealed record SubnetPool(Subnet Prefix, int SubnetLength);
