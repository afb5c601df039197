// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>A bound or connected UDP socket that a <see cref="DatagramLoop"/> serves; it stays in the namespace where it was bound.</summary>
public sealed class DatagramSocket : IDisposable
{
    private const int ReceiveBufferBytes = 1 << 20;

    private readonly Socket _socket;
    private object? _state;
    private DatagramThread? _thread;

    private DatagramSocket(Socket socket, object? state)
    {
        _socket = socket;
        _state = state;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>What the owner attached: the handler reads it back by one volatile read (a view may be replaced while serving).</summary>
    public object? State
    {
        get => Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, value);
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>What its thread knows it by; 0 while nobody serves it.</summary>
    internal ulong Id { get; set; }

    internal bool IsConnected => _socket.Connected;

    internal DatagramThread? Thread => Volatile.Read(ref _thread);

    internal SafeHandle Handle => _socket.SafeHandle;

    /// <summary>Binds a socket in the calling thread's namespace (port 0: the kernel chooses), non-blocking, with a receive buffer of 1 MiB.</summary>
    /// <exception cref="KernelException">The address is taken or not there.</exception>
    public static DatagramSocket Bind(IPEndPoint endpoint, object? state)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            EnlargeReceiveBuffer(socket);
            socket.Bind(endpoint);
            return new DatagramSocket(socket, state);
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            throw new KernelException("bind", $"udp {endpoint}", (Errno)failure.NativeErrorCode);
        }
    }

    /// <summary>
    /// Connects a socket in the calling thread's namespace, from a port that the kernel chooses by chance: it receives from this peer alone, and its
    /// handler is told when the peer can't be reached.
    /// </summary>
    /// <exception cref="KernelException">No descriptor is left, or there is no way to the peer.</exception>
    public static DatagramSocket Connect(IPEndPoint peer, object? state)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Socket? socket = null;
        try
        {
            socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer);
            return new DatagramSocket(socket, state);
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            throw new KernelException("connect", $"udp {peer}", (Errno)failure.NativeErrorCode);
        }
    }

    /// <summary>Serves this socket from now on by the thread that serves another one.</summary>
    /// <exception cref="InvalidOperationException">Nobody serves the other one.</exception>
    public void ServeBeside(DatagramSocket other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (other.Thread ?? throw new InvalidOperationException($"Nobody serves the socket {other.LocalEndPoint}.")).Add(this);
    }

    /// <summary>Sends a deferred reply from any thread; false if the socket is closed or its buffer is full.</summary>
    public bool TrySend(in DatagramPeer peer, ReadOnlySpan<byte> datagram)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxLengthBytes];
        int addressLength = PeerAddress.Write(peer, address);
        try
        {
            return Libc.sendto(Handle, datagram, datagram.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL, address, addressLength) == datagram.Length;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Leaves its loop and closes.</summary>
    public void Dispose()
    {
        Detach();
        _socket.Dispose();
    }

    /// <summary>Notes who serves it.</summary>
    /// <exception cref="InvalidOperationException">It is served already.</exception>
    internal void Attach(DatagramThread thread)
    {
        if (Interlocked.CompareExchange(ref _thread, thread, null) is not null)
        {
            throw new InvalidOperationException($"The socket {LocalEndPoint} is served already.");
        }
    }

    /// <summary>Leaves whoever serves it; returns when that one will not touch it any more.</summary>
    internal void Detach() => Interlocked.Exchange(ref _thread, null)?.Remove(this);

    private static void EnlargeReceiveBuffer(Socket socket)
    {
        // Past net.core.rmem_max with CAP_NET_ADMIN; without it, up to there.
        if (Libc.setsockopt(socket.SafeHandle, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferBytes, sizeof(int)) != 0)
        {
            socket.ReceiveBufferSize = ReceiveBufferBytes;
        }
    }
}
