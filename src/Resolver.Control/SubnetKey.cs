// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Addressing;
using Resolver.Core.Names;

namespace Resolver.Control;

/// <summary>Orders subnets by family and first address, so that those which may overlap a given one are its neighbours.</summary>
/// <param name="Bits">32 or 128.</param>
/// <param name="First">The first address as an integer.</param>
/// <param name="Subnet">The subnet.</param>
/// <param name="Network">Whose it is.</param>
internal readonly record struct SubnetKey(int Bits, UInt128 First, Subnet Subnet, ObjectId Network) : IComparable<SubnetKey>
{
    internal static SubnetKey Of(Subnet subnet, ObjectId network) =>
        new(IPAddressArithmetic.Bits(subnet.First), IPAddressArithmetic.ToInteger(subnet.First), subnet, network);

    /// <inheritdoc/>
    public int CompareTo(SubnetKey other) =>
        Bits.CompareTo(other.Bits) is not 0 and int byFamily ? byFamily : First.CompareTo(other.First);
}
