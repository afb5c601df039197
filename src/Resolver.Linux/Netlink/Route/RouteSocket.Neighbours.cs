// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Linux.Netlink.Route;

/// <content>Neighbours: RTM_NEWNEIGH.</content>
public sealed partial class RouteSocket
{
    private const ushort Stale = 0x04; // NUD_STALE: used at once, and confirmed when it is.

    /// <summary>RTM_NEWNEIGH that replaces: gives an address that is known on a link another hardware address.</summary>
    /// <returns>False if the address is not known there, and there is nothing to correct.</returns>
    /// <exception cref="KernelException">ENODEV when the link is gone.</exception>
    public bool CorrectNeighbour(LinkIndex link, IPAddress address, ReadOnlySpan<byte> hardwareAddress)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.NewNeighbour, MessageFlags.Ack | MessageFlags.Replace).Struct(new NeighbourHeader
        {
            Family = FamilyOf(address),
            Index = link.Value,
            State = Stale,
        });
        request.Attribute((ushort)NeighbourAttribute.Destination, address.GetAddressBytes());
        request.Attribute((ushort)NeighbourAttribute.HardwareAddress, hardwareAddress);
        lock (_lock)
        {
            return _socket.TryExecute(request, $"neighbour {address} on link {link.Value}", absence: Errno.ENOENT);
        }
    }
}
