// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Names;

namespace Resolver.Networking.Announcing;

/// <summary>
/// The highest address that each network has given away. Addresses are given in their order, so that one above it was nobody's before, and no neighbour
/// can know it as another's. Thread-safe.
/// </summary>
internal sealed class GivenAddresses
{
    private readonly Dictionary<(ObjectId Network, AddressFamily Family), UInt128> _highest = [];
    private readonly Lock _gate = new();

    /// <summary>Notes addresses of an endpoint; true if one of them may have been another's.</summary>
    internal bool Note(ObjectId network, ImmutableArray<IPAddress> addresses)
    {
        bool mayBeKnown = false;
        lock (_gate)
        {
            foreach (IPAddress address in addresses)
            {
                (ObjectId, AddressFamily) key = (network, address.AddressFamily);
                UInt128 number = IPAddressArithmetic.ToInteger(address);
                bool isHigher = !_highest.TryGetValue(key, out UInt128 highest) || number > highest;
                mayBeKnown |= !isHigher;
                _highest[key] = isHigher ? number : highest;
            }
        }

        return mayBeKnown;
    }

    /// <summary>The network is gone, and its neighbours with it.</summary>
    internal void Forget(ObjectId network)
    {
        lock (_gate)
        {
            _highest.Remove((network, AddressFamily.InterNetwork));
            _highest.Remove((network, AddressFamily.InterNetworkV6));
        }
    }
}
