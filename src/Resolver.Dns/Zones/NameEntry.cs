// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Resolver.Dns.Zones;

/// <summary>All addresses of one name as ready-made RDATA. Immutable, so the A and the AAAA of one question pair come from one state.</summary>
internal sealed class NameEntry
{
    internal NameEntry(ImmutableArray<IPAddress> addresses)
    {
        IPv4 = Concatenate(addresses, AddressFamily.InterNetwork);
        IPv6 = Concatenate(addresses, AddressFamily.InterNetworkV6);
    }

    /// <summary>4 octets an address.</summary>
    internal byte[] IPv4 { get; }

    /// <summary>16 octets an address.</summary>
    internal byte[] IPv6 { get; }

    private static byte[] Concatenate(ImmutableArray<IPAddress> addresses, AddressFamily family) =>
        [.. addresses.Where(address => address.AddressFamily == family).Distinct().SelectMany(address => address.GetAddressBytes())];
}
