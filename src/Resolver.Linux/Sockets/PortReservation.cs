// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Resolver.Linux.Sockets;

/// <summary>
/// A port of the calling thread's namespace held by a bound socket, so that no other process can take it: the kernel's own book-keeping, for
/// the life of this object. The socket never receives: what is published is rewritten before it gets there.
/// </summary>
public sealed class PortReservation : IDisposable
{
    private readonly Socket _socket;

    private PortReservation(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Binds the port.</summary>
    /// <param name="endpoint">Address and port.</param>
    /// <param name="protocol">TCP or UDP.</param>
    /// <exception cref="KernelException">EADDRINUSE when a process has it; EADDRNOTAVAIL when the host has no such address; EACCES.</exception>
    public static PortReservation Bind(IPEndPoint endpoint, ProtocolType protocol)
    {
        string subject = string.Create(CultureInfo.InvariantCulture, $"{endpoint}/{(protocol == ProtocolType.Udp ? "udp" : "tcp")}");

        // .NET sets SO_REUSEADDR before it binds a socket made with ProtocolType.Tcp; the unspecified protocol of a stream socket is TCP too.
        SocketType type = protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream;
        Socket socket = new(endpoint.AddressFamily, type, ProtocolType.Unspecified);
        try
        {
            // Without SO_REUSEADDR nobody else can bind the port, whatever they set themselves. The socket does not listen, so that a
            // connection that meets no rule is refused instead of being accepted and left hanging.
            socket.Bind(endpoint);
            return new PortReservation(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new KernelException("bind", subject, (Errno)e.NativeErrorCode);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
