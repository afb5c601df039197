// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses addresses. Pure.</summary>
public static class AddressAllocation
{
    /// <summary>The gateway of a new subnet when none is asked for: its first usable address.</summary>
    public static IPAddress DefaultGateway(Subnet subnet) => FirstUsable(subnet);

    /// <summary>
    /// The next free address after <paramref name="last"/> (wrapping around), so that a released address is not reused at once.
    /// Never the gateway, nor the first and last address of prefixes shorter than /31 (IPv4).
    /// </summary>
    /// <param name="subnet">The subnet.</param>
    /// <param name="isTaken">Tells if an address is in use.</param>
    /// <param name="last">The address allocated last; null to start at the beginning.</param>
    /// <exception cref="RefusedException">Exhausted: none is free.</exception>
    public static IPAddress Next(NetworkSubnet subnet, Func<IPAddress, bool> isTaken, IPAddress? last)
    {
        IPAddress first = FirstUsable(subnet.Subnet);
        IPAddress end = LastUsable(subnet.Subnet);
        UInt128 count = IPAddressArithmetic.Distance(first, end) + 1;
        UInt128 start = last is not null && subnet.Subnet.Contains(last) && !last.Equals(subnet.Subnet.Last)
            ? (IPAddressArithmetic.Distance(subnet.Subnet.First, last) + 1 - IPAddressArithmetic.Distance(subnet.Subnet.First, first)) % count
            : 0;
        for (UInt128 i = 0; i < count; i++)
        {
            IPAddress candidate = IPAddressArithmetic.Add(first, (start + i) % count);
            if (!candidate.Equals(subnet.Gateway) && !isTaken(candidate))
            {
                return candidate;
            }
        }

        throw RefusedException.Exhausted($"subnet {subnet.Subnet}", $"subnet {subnet.Subnet} has no free address left");
    }

    /// <summary>Checks an address that the caller asks for (--ip).</summary>
    /// <exception cref="RefusedException">Outside the subnet, the gateway's, the network's or broadcast address (InvalidArgument).</exception>
    public static void Check(NetworkSubnet subnet, IPAddress address, string field)
    {
        string? problem = address switch
        {
            _ when !subnet.Subnet.Contains(address) => $"lies outside subnet {subnet.Subnet}",
            _ when address.Equals(subnet.Gateway) => $"is the gateway of subnet {subnet.Subnet}",
            _ when Reserves(subnet.Subnet) && address.Equals(subnet.Subnet.First) => $"is the network address of subnet {subnet.Subnet}",
            _ when Reserves(subnet.Subnet) && address.Equals(subnet.Subnet.Last) => $"is the broadcast address of subnet {subnet.Subnet}",
            _ => null,
        };
        if (problem is not null)
        {
            throw RefusedException.Invalid(field, $"{field} {address} {problem}; choose another");
        }
    }

    // A /31 has two usable addresses (RFC 3021), a /32 one; IPv6 has no broadcast, and its first address is the subnet routers' anycast.
    private static bool Reserves(Subnet subnet) => subnet.PrefixLength < IPAddressArithmetic.Bits(subnet.First) - 1;

    private static IPAddress FirstUsable(Subnet subnet) => Reserves(subnet) ? IPAddressArithmetic.Add(subnet.First, 1) : subnet.First;

    private static IPAddress LastUsable(Subnet subnet) => Reserves(subnet) && subnet.IsIPv4
        ? IPAddressArithmetic.FromInteger(IPAddressArithmetic.ToInteger(subnet.Last) - 1, 32)
        : subnet.Last;
}
