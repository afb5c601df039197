// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses subnets. Pure.</summary>
public static class SubnetAllocation
{
    /// <summary>The first subnet of the pools that overlaps nothing in <paramref name="taken"/>.</summary>
    /// <param name="pools">Where subnets come from; those of other families are passed over.</param>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="length">The prefix length that is wanted; null for each pool's own.</param>
    /// <param name="taken">What must not be overlapped.</param>
    /// <exception cref="RefusedException">Exhausted: all pools are full; the message names them and the option to enlarge them.</exception>
    public static Subnet Next(ImmutableArray<SubnetPool> pools, AddressFamily family, int? length, IReadOnlyCollection<Subnet> taken)
    {
        SubnetPool[] candidates =
        [
            .. pools.Where(pool => pool.Prefix.First.AddressFamily == family && (length ?? pool.SubnetLength) >= pool.Prefix.PrefixLength)
                .Select(pool => pool with { SubnetLength = length ?? pool.SubnetLength }),
        ];

        // By first address, so that what is in the way of a candidate is found by looking around it, whatever the number of networks.
        SortedSubnets sorted = new(taken.Where(subnet => subnet.First.AddressFamily == family));
        foreach (SubnetPool pool in candidates)
        {
            Subnet? candidate = Subnet.Of(pool.Prefix.First, pool.SubnetLength);
            while (candidate is not null)
            {
                if (sorted.FindOverlap(candidate) is not { } other)
                {
                    return candidate;
                }

                // What is in the way may be larger than the candidate: go on behind the larger of the two.
                candidate = Behind(pool, other.PrefixLength < candidate.PrefixLength ? other : candidate);
            }
        }

        string names = string.Join(", ", candidates.Select(pool => $"{pool.Prefix} in /{pool.SubnetLength}s"));
        string what = family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
        throw RefusedException.Exhausted(
            "subnet pools",
            names.Length == 0
                ? $"no default pool has {what} subnets{(length is null ? "" : $" of /{length}")}: name one with --subnet, or give the daemon another --pool"
                : $"all predefined address pools have been fully subnetted ({names}): name a subnet with --subnet, or give the daemon another --pool");
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
