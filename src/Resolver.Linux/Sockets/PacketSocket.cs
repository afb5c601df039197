// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Resolver.Linux.Interop;
using Resolver.Linux.Netlink.Route;

namespace Resolver.Linux.Sockets;

/// <summary>
/// Sends whole Ethernet frames by links of the namespace that it was opened in (packet(7)); receives none. Keep it: closing one waits for an RCU
/// grace period, 8 to 20 ms. Thread-safe.
/// </summary>
public sealed class PacketSocket : IDisposable
{
    // struct sockaddr_ll (linux/if_packet.h), of which sending needs the family and the link:
    //   0 sll_family  2 sll_protocol  4 sll_ifindex  8 sll_hatype  10 sll_pkttype  11 sll_halen  12 sll_addr[8]
    private const int AddressLengthBytes = 20;

    private readonly SafeHandle _socket;

    private PacketSocket(SafeHandle socket)
    {
        _socket = socket;
    }

    /// <summary>Opens a socket in the calling thread's namespace.</summary>
    /// <param name="mark">The mark of its packets (SO_MARK), by which rules may know them.</param>
    /// <exception cref="KernelException">EPERM without CAP_NET_RAW; EAFNOSUPPORT without CONFIG_PACKET.</exception>
    public static PacketSocket Open(uint mark)
    {
        // Protocol 0: nothing is received, so that no packet of the host costs anything for this socket.
        SafeHandle socket = Libc.OpenSocket(Libc.AF_PACKET, Libc.SOCK_RAW, 0);
        if (Libc.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_MARK, (int)mark, sizeof(int)) == 0)
        {
            return new PacketSocket(socket);
        }

        KernelException failure = new("setsockopt", "SO_MARK", Libc.LastErrno);
        socket.Dispose();
        throw failure;
    }

    /// <summary>Sends a frame.</summary>
    /// <param name="link">By which link.</param>
    /// <param name="frame">From the destination address on, without check sequence.</param>
    /// <exception cref="KernelException">ENXIO or ENODEV when the link is gone; ENETDOWN when it is down; ENOBUFS when its queue is full.</exception>
    public void Send(LinkIndex link, ReadOnlySpan<byte> frame)
    {
        Span<byte> address = stackalloc byte[AddressLengthBytes];
        address.Clear();
        ushort family = Libc.AF_PACKET;
        int index = link.Value;
        MemoryMarshal.Write(address, in family);
        MemoryMarshal.Write(address[4..], in index);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], BinaryPrimitives.ReadUInt16BigEndian(frame[12..]));
        if (Libc.sendto(_socket, frame, frame.Length, Libc.MSG_DONTWAIT, address, address.Length) < 0)
        {
            throw new KernelException("sendto", $"link {link.Value}", Libc.LastErrno);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
