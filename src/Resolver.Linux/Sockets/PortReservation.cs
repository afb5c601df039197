// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Interop;
using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Sockets;

/// <summary>
/// Ports of a namespace, each held by a bound socket, so that no other process can take it: the kernel's own book-keeping, for the life of this object.
/// The sockets receive nothing unless a <see cref="PortLoop"/> serves them: what is published is rewritten before it gets there.
/// </summary>
public sealed partial class PortReservation : IDisposable
{
    private readonly Lock _gate = new();
    private int[] _sockets;
    private volatile bool _isEnding;

    private PortReservation(PortBlock block, int[] sockets)
    {
        Block = block;
        _sockets = sockets;
    }

    /// <summary>Gives back what its owner forgot.</summary>
    ~PortReservation() => Close(_sockets, 0, _sockets.Length);

    /// <summary>What is held; where the kernel was to choose the port, with that.</summary>
    public PortBlock Block { get; }

    /// <summary>What the owner attached, for the handler of a loop.</summary>
    public object? State { get; set; }

    /// <summary>Binds a port in the calling thread's namespace.</summary>
    /// <param name="endpoint">Address and port; 0 lets the kernel choose (ip_local_port_range without ip_local_reserved_ports).</param>
    /// <param name="protocol">TCP, UDP, or another transport by its IANA number.</param>
    /// <exception cref="KernelException">As for <see cref="Bind(NetworkNamespace, PortBlock)"/>.</exception>
    public static PortReservation Bind(IPEndPoint endpoint, ProtocolType protocol)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return Bind(new PortBinding(new PortBlock(endpoint.Address, (ushort)endpoint.Port, 1, protocol)));
    }

    /// <summary>Binds all ports of a block, or none.</summary>
    /// <param name="netns">The calling thread's namespace, which other threads enter to do a part of many.</param>
    /// <param name="block">The ports.</param>
    /// <exception cref="KernelException">
    /// EADDRINUSE when a process has one; EADDRNOTAVAIL when the host has no such address; EMFILE; EACCES; EPROTONOSUPPORT when the kernel has no such
    /// transport. The subject is the port.
    /// </exception>
    public static PortReservation Bind(NetworkNamespace netns, PortBlock block)
    {
        PortBinding binding = new(block);
        try
        {
            PortShares.Run(netns, block.Count, binding.Run);
        }
        catch (KernelException)
        {
            Close(binding.Sockets);
            throw;
        }

        return Finish(binding);
    }

    /// <summary>
    /// Holds the ports of one family alone from now on, by sockets in the calling thread's namespace, and gives those of the other back. In between only a
    /// process of the same user that asks to share the port (SO_REUSEPORT) could bind it.
    /// </summary>
    /// <returns>What holds them; this reservation is disposed of.</returns>
    /// <exception cref="KernelException">EMFILE; this reservation is as it was.</exception>
    public PortReservation Narrow(AddressFamily family)
    {
        IPAddress address = family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        PortReservation narrow;
        lock (_gate)
        {
            Share(_sockets, 1);
            try
            {
                narrow = Bind(new PortBinding(Block with { Address = address, IsOfBothFamilies = false }) { IsShared = true });
            }
            catch (KernelException)
            {
                Share(_sockets, 0);
                throw;
            }
        }

        Dispose();
        Share(narrow._sockets, 0);
        narrow.ForgetSharing();
        return narrow;
    }

    /// <summary>
    /// Lets clients connect from now on. Connections that have ended and wait out the time that stray packets live (TIME_WAIT) are no obstacle, neither to
    /// this nor to who binds the port later; a socket that listens keeps everybody else out all the same.
    /// </summary>
    /// <exception cref="KernelException">Refused; what listens already does so until it is disposed of.</exception>
    public void Listen(int backlog)
    {
        KernelException? failure = null;
        lock (_gate)
        {
            int[] sockets = _sockets;
            PortShares.Run(null, sockets.Length, (first, end) =>
            {
                for (int index = first; index < end && failure is null; index++)
                {
                    if (Libc.listen(sockets[index], backlog) != 0 && !TryListenBesideEnded(sockets[index], backlog))
                    {
                        failure = new KernelException("listen", Block.NameOf(index), Libc.LastErrno);
                    }
                }
            });
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Gives the ports back; when it returns, others can take them.</summary>
    public void Dispose()
    {
        int[] sockets;
        _isEnding = true;
        lock (_gate)
        {
            sockets = _sockets;
            _sockets = [];
        }

        Close(sockets);
        GC.SuppressFinalize(this);
    }

    private static PortReservation Bind(PortBinding binding)
    {
        binding.Run(0, binding.Sockets.Length);
        return Finish(binding);
    }

    private static PortReservation Finish(PortBinding binding)
    {
        if (binding.Refusal is { } refusal)
        {
            Close(binding.Sockets);
            throw new KernelException(refusal.Operation, binding.Block.NameOf(refusal.Index), refusal.Errno);
        }

        return new PortReservation(binding.Block with { First = binding.FirstPort }, binding.Sockets);
    }

    private static void Close(int[] sockets) => PortShares.Run(null, sockets.Length, (first, end) => Close(sockets, first, end));

    private static void Close(int[] sockets, int first, int end)
    {
        foreach (int socket in sockets.AsSpan(first, end - first))
        {
            if (socket > 0)
            {
                _ = Libc.close(socket);
            }
        }
    }

    private static bool TryListenBesideEnded(int socket, int backlog)
    {
        if (Libc.LastErrno != Errno.EADDRINUSE)
        {
            return false;
        }

        Set(socket, Libc.SO_REUSEADDR, 1);
        return Libc.listen(socket, backlog) == 0;
    }

    private static void Share(int[] sockets, int value)
    {
        foreach (int socket in sockets)
        {
            Set(socket, Libc.SO_REUSEPORT, value);
        }
    }

    // The kernel remembers of a TCP port that it is shared, and lets others in without a look at the sockets, until one binds or listens that does not
    // share (net/ipv4/inet_connection_sock.c, inet_csk_update_fastreuse).
    private void ForgetSharing()
    {
        if (Block.Protocol == ProtocolType.Tcp)
        {
            foreach (int socket in _sockets)
            {
                // A socket that does not listen would be one that receives nothing any more.
                if (Libc.listen(socket, 0) == 0 || TryListenBesideEnded(socket, 0))
                {
                    _ = Libc.shutdown(socket, Libc.SHUT_RD);
                    Set(socket, Libc.SO_REUSEADDR, 0);
                }
            }
        }
    }

    // Of an open socket the kernel refuses none of the options that are set here.
    private static void Set(int socket, int option, int value) => _ = Libc.setsockopt(socket, Libc.SOL_SOCKET, option, in value, sizeof(int));
}
