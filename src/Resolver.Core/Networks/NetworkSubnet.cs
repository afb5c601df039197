// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;

namespace Resolver.Core.Networks;

/// <summary>A subnet of a network with the address that the bridge has in it.</summary>
/// <param name="Subnet">The prefix.</param>
/// <param name="Gateway">The bridge's address, the sandboxes' gateway; inside <paramref name="Subnet"/>. Null when the bridge has none (isolated).</param>
public sealed record NetworkSubnet(Subnet Subnet, IPAddress? Gateway)
{
    /// <summary>The part of the subnet from which addresses are chosen (--ip-range); null for all of it.</summary>
    public Subnet? Range { get; init; }

    /// <summary>Addresses that are never given to an endpoint (--aux-address): somebody else on the segment has them.</summary>
    public ImmutableArray<IPAddress> Reserved { get; init; } = [];

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Subnet.First.AddressFamily;
}
