// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;

namespace Resolver.Linux.Sockets;

/// <summary>Decides what becomes of those who come to ports. Called by the thread of a <see cref="PortLoop"/>, one call at a time: must not wait or throw.</summary>
public interface IPortHandler
{
    /// <summary>A client has connected.</summary>
    /// <param name="ports">The ports that it came to.</param>
    /// <param name="index">Which of them, 0 for the lowest.</param>
    /// <param name="connection">The connection; the handler owns it.</param>
    void Accepted(PortReservation ports, int index, Socket connection);

    /// <summary>A client that is not known sends a datagram.</summary>
    /// <param name="ports">The ports that it came to.</param>
    /// <param name="index">Which of them, 0 for the lowest.</param>
    /// <returns>A connected UDP socket for this client's datagrams and the answers to it, which the loop owns; null to lose the datagram.</returns>
    Socket? Open(PortReservation ports, int index);

    /// <summary>Nobody can be served at some ports for now; it is tried again.</summary>
    /// <param name="ports">The ports.</param>
    /// <param name="reason">ENOSPC: more is watched than the user may (fs.epoll.max_user_watches).</param>
    void Unserved(PortReservation ports, Errno reason);

    /// <summary>One of the sockets that <see cref="Open"/> gave is closed.</summary>
    void Closed();
}
