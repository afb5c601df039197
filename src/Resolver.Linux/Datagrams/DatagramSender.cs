// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>Sends datagrams that are ready, as many as the kernel takes by one system call. What can't be sent is lost like any datagram.</summary>
internal static unsafe class DatagramSender
{
    /// <param name="socket">Whence they are sent.</param>
    /// <param name="handler">Is told when the peer of a connected socket can't be reached.</param>
    /// <param name="headers">The first of them.</param>
    /// <param name="count">How many.</param>
    internal static void Send(DatagramSocket socket, IDatagramHandler handler, Libc.MMsgHdr* headers, int count)
    {
        bool isToldAlready = false;
        int done = 0;
        while (done < count)
        {
            int sent;
            try
            {
                sent = Libc.sendmmsg(socket.Handle, headers + done, (uint)(count - done), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            }
            catch (ObjectDisposedException)
            {
                return; // Its sandbox went meanwhile.
            }

            if (sent > 0)
            {
                done += sent;
                continue;
            }

            Errno failure = Libc.LastErrno;
            if (failure == Errno.EINTR)
            {
                continue;
            }

            if (!isToldAlready && socket.IsConnected && failure is not (Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM))
            {
                // What an ICMP error said of those before: this one was not sent yet.
                isToldAlready = true;
                handler.Unreachable(socket);
                continue;
            }

            // This one could not go (full buffer, no route, a firewall); the others still do.
            done++;
        }
    }
}
