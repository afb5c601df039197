// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses subnets. Pure.</summary>
public static class SubnetAllocation
{
    /// <summary>The first subnet of the pools that overlaps nothing in <paramref name="taken"/>.</summary>
    /// <exception cref="RefusedException">Exhausted: all pools are full; the message names them and the option to enlarge them.</exception>
    public static Subnet Next(ImmutableArray<SubnetPool> pools, IReadOnlyCollection<Subnet> taken)
    {
        foreach (SubnetPool pool in pools)
        {
            Subnet? candidate = Subnet.Of(pool.Prefix.First, pool.SubnetLength);
            while (candidate is not null)
            {
                if (taken.FirstOrDefault(candidate.Overlaps) is not { } other)
                {
                    return candidate;
                }

                // What is in the way may be larger than the candidate: go on behind the larger of the two.
                candidate = Behind(pool, other.PrefixLength < candidate.PrefixLength ? other : candidate);
            }
        }

        string names = string.Join(", ", pools.Select(pool => $"{pool.Prefix} in /{pool.SubnetLength}s"));
        throw RefusedException.Exhausted(
            "subnet pools", $"no free subnet is left in the default pools ({names}): name one with --subnet, or give the daemon another --pool");
    }

    private static Subnet? Behind(SubnetPool pool, Subnet passed)
    {
        if (passed.Last.Equals(pool.Prefix.Last) || !pool.Prefix.Contains(passed.Last))
        {
            return null;
        }

        IPAddress next = IPAddressArithmetic.Add(passed.Last, 1);
        return pool.Prefix.Contains(next) ? Subnet.Of(next, pool.SubnetLength) : null;
    }
}
