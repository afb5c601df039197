// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Sockets;

/// <summary>
/// A port of the calling thread's namespace held by a bound socket, so that no other process can take it: the kernel's own book-keeping, for
/// the life of this object. The socket receives nothing unless it is opened: what is published is rewritten before it gets there.
/// </summary>
public sealed class PortReservation : IDisposable
{
    private readonly SafeHandle _socket;

    private PortReservation(SafeHandle socket, IPEndPoint localEndPoint)
    {
        _socket = socket;
        LocalEndPoint = localEndPoint;
    }

    /// <summary>The address and the port, which the kernel chose if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Binds the port.</summary>
    /// <param name="endpoint">Address and port; 0 lets the kernel choose (ip_local_port_range without ip_local_reserved_ports).</param>
    /// <param name="protocol">TCP, UDP, or another transport by its IANA number.</param>
    /// <exception cref="KernelException">
    /// EADDRINUSE when a process has it; EADDRNOTAVAIL when the host has no such address; EACCES; EPROTONOSUPPORT when the kernel has no such transport.
    /// </exception>
    public static PortReservation Bind(IPEndPoint endpoint, ProtocolType protocol)
    {
        string subject = string.Create(CultureInfo.InvariantCulture, $"{endpoint}/{protocol.ToString().ToLowerInvariant()}");
        try
        {
            return Bind(endpoint, protocol, subject, mayMeetEnded: false);
        }
        catch (KernelException e) when (e.Errno == Errno.EADDRINUSE && protocol == ProtocolType.Tcp)
        {
            // Perhaps only connections that have ended and wait out the time that stray packets live.
            return Bind(endpoint, protocol, subject, mayMeetEnded: true);
        }
    }

    /// <summary>
    /// Lets a socket that is about to listen meet connections at its port that have ended and wait out the time that stray packets live (TIME_WAIT), and
    /// lets those that it accepts be met in the same way. A socket that listens keeps everybody else out all the same.
    /// </summary>
    public static void YieldWhenEnded(Socket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        SetOption(listener.SafeHandle, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1, "listener");
    }

    private static PortReservation Bind(IPEndPoint endpoint, ProtocolType protocol, string subject, bool mayMeetEnded)
    {
        bool isIPv6 = endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        int type = protocol == ProtocolType.Udp ? Libc.SOCK_DGRAM : Libc.SOCK_STREAM;
        SafeHandle socket = Libc.OpenSocket(isIPv6 ? Libc.AF_INET6 : Libc.AF_INET, type, (int)protocol);
        try
        {
            // Both families are reserved by a socket each.
            if (isIPv6)
            {
                SetOption(socket, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 1, subject);
            }

            if (mayMeetEnded)
            {
                SetOption(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1, subject);
            }

            Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
            int length = PeerAddress.Write(PeerAddress.Of(endpoint), address);
            if (Libc.bind(socket, address, length) != 0 || Libc.getsockname(socket, address, ref length) != 0)
            {
                throw new KernelException("bind", subject, Libc.LastErrno);
            }

            // Without SO_REUSEADDR nobody else can bind the port, whatever they set themselves. The socket does not listen, so that a
            // connection that meets no rule is refused instead of being accepted and left hanging.
            SetOption(socket, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 0, subject);
            return new PortReservation(socket, PeerAddress.Read(address).ToEndPoint());
        }
        catch (KernelException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetOption(SafeHandle socket, int level, int option, int value, string subject)
    {
        if (Libc.setsockopt(socket, level, option, value, sizeof(int)) != 0)
        {
            throw new KernelException("setsockopt", subject, Libc.LastErrno);
        }
    }

    /// <summary>The same socket to receive by; shares the port, so that it stays held until both are disposed of.</summary>
    /// <exception cref="KernelException">EMFILE.</exception>
    public Socket Open()
    {
        int copy = Libc.fcntl(_socket, Libc.F_DUPFD_CLOEXEC, 0);
        return copy >= 0
            ? new Socket(new SafeSocketHandle(copy, ownsHandle: true))
            : throw new KernelException("fcntl", LocalEndPoint.ToString(), Libc.LastErrno);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
