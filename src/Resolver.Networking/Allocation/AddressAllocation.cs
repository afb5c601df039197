// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses addresses. Pure.</summary>
public static class AddressAllocation
{
    /// <summary>The gateway of a new subnet when none is asked for: its first usable address, of the range if that leaves the subnet's own to others.</summary>
    public static IPAddress DefaultGateway(Subnet subnet) => FirstUsable(subnet);

    /// <summary>
    /// The next free address after <paramref name="last"/> (wrapping around), so that a released address is not reused at once.
    /// Never the gateway, a reserved address, nor the first and last address of prefixes shorter than /31 (IPv4).
    /// </summary>
    /// <param name="subnet">The subnet; its range, if it has one, is where addresses come from.</param>
    /// <param name="isTaken">Tells if an address is in use.</param>
    /// <param name="last">The address allocated last; null to start at the beginning.</param>
    /// <exception cref="RefusedException">Exhausted: none is free.</exception>
    public static IPAddress Next(NetworkSubnet subnet, Func<IPAddress, bool> isTaken, IPAddress? last)
    {
        (IPAddress first, IPAddress end) = Bounds(subnet);
        UInt128 span = IPAddressArithmetic.Distance(first, end);
        UInt128 start = last is not null && IsBetween(first, last, end) && !last.Equals(end) ? IPAddressArithmetic.Distance(first, last) + 1 : 0;

        // Distances, not counts: a whole IPv6 space has one more address than fits.
        UInt128 offset = start;
        do
        {
            IPAddress candidate = IPAddressArithmetic.Add(first, offset);
            if (!candidate.Equals(subnet.Gateway) && !subnet.Reserved.Contains(candidate) && !isTaken(candidate))
            {
                return candidate;
            }

            offset = offset == span ? 0 : offset + 1;
        }
        while (offset != start);

        string where = subnet.Range is null ? $"subnet {subnet.Subnet}" : $"range {subnet.Range} of subnet {subnet.Subnet}";
        throw RefusedException.Exhausted($"subnet {subnet.Subnet}", $"{where} has no free address left");
    }

    /// <summary>Checks an address that the caller asks for (--ip).</summary>
    /// <exception cref="RefusedException">Outside the subnet, the gateway's, a reserved one, the network's or broadcast address (InvalidArgument).</exception>
    public static void Check(NetworkSubnet subnet, IPAddress address, string field)
    {
        string? problem = address.Equals(subnet.Gateway) ? $"is the gateway of subnet {subnet.Subnet}"
            : subnet.Reserved.Contains(address) ? $"is reserved in subnet {subnet.Subnet}"
            : Problem(subnet.Subnet, address);
        if (problem is not null)
        {
            throw RefusedException.Invalid(field, $"{field} {address} {problem}; choose another");
        }
    }

    /// <summary>Why nobody can have an address of a subnet; null if somebody can. A part of a sentence: <c>lies outside subnet 10.0.0.0/24</c>.</summary>
    public static string? Problem(Subnet subnet, IPAddress address) => address switch
    {
        _ when !subnet.Contains(address) => $"lies outside subnet {subnet}",
        _ when Reserves(subnet) && address.Equals(subnet.First) => subnet.IsIPv4
            ? $"is the network address of subnet {subnet}"
            : $"is the routers' anycast address of subnet {subnet} (RFC 4291 section 2.6.1)",
        _ when Reserves(subnet) && subnet.IsIPv4 && address.Equals(subnet.Last) => $"is the broadcast address of subnet {subnet}",
        _ => null,
    };

    /// <summary>How many addresses of a subnet can be given to somebody, at most 2^64.</summary>
    public static UInt128 UsableCount(Subnet subnet)
    {
        UInt128 span = IPAddressArithmetic.Distance(FirstUsable(subnet), LastUsable(subnet));
        return span >= (UInt128)ulong.MaxValue ? (UInt128)ulong.MaxValue + 1 : span + 1;
    }

    private static (IPAddress First, IPAddress Last) Bounds(NetworkSubnet subnet)
    {
        IPAddress first = FirstUsable(subnet.Subnet);
        IPAddress last = LastUsable(subnet.Subnet);
        if (subnet.Range is not { } range)
        {
            return (first, last);
        }

        // A range may begin or end with what the subnet keeps for itself.
        return (
            IPAddressArithmetic.ToInteger(range.First) > IPAddressArithmetic.ToInteger(first) ? range.First : first,
            IPAddressArithmetic.ToInteger(range.Last) < IPAddressArithmetic.ToInteger(last) ? range.Last : last);
    }

    private static bool IsBetween(IPAddress first, IPAddress address, IPAddress last) =>
        address.AddressFamily == first.AddressFamily
        && IPAddressArithmetic.ToInteger(address) >= IPAddressArithmetic.ToInteger(first)
        && IPAddressArithmetic.ToInteger(address) <= IPAddressArithmetic.ToInteger(last);

    // A /31 has two usable addresses (RFC 3021), a /32 one, a /127 two (RFC 6164).
    private static bool Reserves(Subnet subnet) => subnet.PrefixLength < IPAddressArithmetic.Bits(subnet.First) - 1;

    private static IPAddress FirstUsable(Subnet subnet) => Reserves(subnet) ? IPAddressArithmetic.Add(subnet.First, 1) : subnet.First;

    private static IPAddress LastUsable(Subnet subnet) => Reserves(subnet) && subnet.IsIPv4
        ? IPAddressArithmetic.FromInteger(IPAddressArithmetic.ToInteger(subnet.Last) - 1, 32)
        : subnet.Last;
}
