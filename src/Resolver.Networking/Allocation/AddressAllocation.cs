// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Networks;

namespace Resolver.Networking.Allocation;

/// <summary>Chooses addresses. Pure.</summary>
public static class AddressAllocation
{
    /// <summary>The gateway of a new subnet when none is asked for: its first usable address.</summary>
    public static IPAddress DefaultGateway(Core.Addressing.Subnet subnet) => throw new NotImplementedException();

    /// <summary>
    /// The next free address after <paramref name="last"/> (wrapping around), so that a released address is not reused at once.
    /// Never the gateway, nor the first and last address of prefixes shorter than /31 (IPv4).
    /// </summary>
    /// <param name="subnet">The subnet.</param>
    /// <param name="isTaken">Tells if an address is in use.</param>
    /// <param name="last">The address allocated last; null to start at the beginning.</param>
    /// <exception cref="Core.Failures.RefusedException">Exhausted: none is free.</exception>
    public static IPAddress Next(NetworkSubnet subnet, Func<IPAddress, bool> isTaken, IPAddress? last) => throw new NotImplementedException();

    /// <summary>Checks an address that the caller asks for (--ip).</summary>
    /// <exception cref="Core.Failures.RefusedException">Outside the subnet, the gateway's, the network's or broadcast address (InvalidArgument).</exception>
    public static void Check(NetworkSubnet subnet, IPAddress address, string field) => throw new NotImplementedException();
}
