// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using System.Runtime.InteropServices;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Sockets;

// What a loop does with the sockets, each time under the lock, so that no number is used that may be another file's by now.
public sealed partial class PortReservation
{
    private int _watched;

    // ::ffff:0:0/96: a client of IPv4 at a socket of both families.
    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

    /// <summary>What the loop that serves it knows it by; 0 while none does.</summary>
    internal ulong LoopId { get; set; }

    /// <summary>True if nothing is held any more.</summary>
    internal bool IsDisposed
    {
        get
        {
            lock (_gate)
            {
                return _sockets.Length == 0;
            }
        }
    }

    /// <summary>Has an epoll tell of what comes to the ports, which it calls by <see cref="LoopId"/> and counted up from there; closing a socket ends that.</summary>
    /// <returns>0, or why the next one can't be watched.</returns>
    internal Errno Watch(SafeHandle epoll)
    {
        Span<byte> description = stackalloc byte[Libc.EpollEvent.MaxLengthBytes];
        lock (_gate)
        {
            // Whoever gives the ports back does not wait for the rest.
            for (; _watched < _sockets.Length && !_isEnding; _watched++)
            {
                Libc.EpollEvent.Write(description, Libc.EPOLLIN, LoopId + (ulong)_watched);
                if (Libc.epoll_ctl(epoll, Libc.EPOLL_CTL_ADD, _sockets[_watched], description) != 0)
                {
                    return Libc.LastErrno;
                }
            }
        }

        return 0;
    }

    /// <summary>Takes a connection if there is one. A client of the family that the kernel translates alone is sent away: what it wanted is not there.</summary>
    /// <param name="index">The port.</param>
    /// <param name="connection">The connection; null with another answer than 0, and of one who was sent away.</param>
    /// <returns>0; EAGAIN if there is none; or why it can't be taken.</returns>
    internal Errno TryAccept(int index, out Socket? connection)
    {
        connection = null;
        SafeSocketHandle handle;
        bool isForeign;
        lock (_gate)
        {
            if (index >= _sockets.Length)
            {
                return Errno.EAGAIN;
            }

            Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
            int length = address.Length;
            int socket = Libc.accept4(_sockets[index], address, ref length, Libc.SOCK_CLOEXEC);
            if (socket < 0)
            {
                return Libc.LastErrno;
            }

            // Once it has ended it shall not keep the port from whoever binds it next.
            Set(socket, Libc.SO_REUSEADDR, 1);
            handle = new SafeSocketHandle(socket, ownsHandle: true);
            isForeign = IsForeign(address);
        }

        try
        {
            connection = new Socket(handle);
            if (isForeign)
            {
                connection.LingerState = new LingerOption(true, 0);
                connection.Dispose();
                connection = null;
            }

            return 0;
        }
        catch (SocketException)
        {
            handle.Dispose();
            return Errno.ECONNRESET;
        }
    }

    /// <summary>Takes a datagram if there is one.</summary>
    /// <returns>Its length; -1 if there is none.</returns>
    internal int Receive(int index, Span<byte> buffer, out DatagramPeer sender, out bool isForeign)
    {
        sender = default;
        isForeign = false;
        lock (_gate)
        {
            if (index >= _sockets.Length)
            {
                return -1;
            }

            Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
            int addressLength = address.Length;
            int length = (int)Libc.recvfrom(_sockets[index], buffer, buffer.Length, Libc.MSG_DONTWAIT, address, ref addressLength);
            if (length >= 0)
            {
                sender = PeerAddress.Read(address);
                isForeign = IsForeign(address);
            }

            return length;
        }
    }

    /// <summary>Sends a datagram from a port; one that can't be sent is lost like any.</summary>
    internal void Send(int index, in DatagramPeer peer, ReadOnlySpan<byte> datagram)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
        int length = PeerAddress.Write(peer, address);
        lock (_gate)
        {
            if (index < _sockets.Length)
            {
                _ = Libc.sendto(_sockets[index], datagram, datagram.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL, address, length);
            }
        }
    }

    private bool IsForeign(ReadOnlySpan<byte> address) => Block.IsOfBothFamilies && address[8..].StartsWith(MappedPrefix);
}
