// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Addressing;

namespace Resolver.Networking.Allocation;

/// <summary>Subnets of one family by their first address, those inside others left out: so each overlaps no other, and an overlap is a neighbour.</summary>
internal sealed class SortedSubnets
{
    private readonly List<(UInt128 First, UInt128 Last, Subnet Subnet)> _subnets = [];

    internal SortedSubnets(IEnumerable<Subnet> subnets)
    {
        IEnumerable<(UInt128 First, UInt128 Last, Subnet Subnet)> sorted = subnets
            .Select(subnet => (First: IPAddressArithmetic.ToInteger(subnet.First), Last: IPAddressArithmetic.ToInteger(subnet.Last), Subnet: subnet))
            .OrderBy(entry => entry.First)
            .ThenBy(entry => entry.Subnet.PrefixLength);
        foreach ((UInt128 First, UInt128 Last, Subnet Subnet) entry in sorted)
        {
            if (_subnets.Count == 0 || entry.First > _subnets[^1].Last)
            {
                _subnets.Add(entry);
            }
        }
    }

    /// <summary>One that shares an address with a subnet of the same family; null if there is none.</summary>
    internal Subnet? FindOverlap(Subnet subnet)
    {
        UInt128 first = IPAddressArithmetic.ToInteger(subnet.First);
        int low = 0;
        int high = _subnets.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_subnets[middle].Last < first)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _subnets.Count && _subnets[low].Subnet.Overlaps(subnet) ? _subnets[low].Subnet : null;
    }
}
