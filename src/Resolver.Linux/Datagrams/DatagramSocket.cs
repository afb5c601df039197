// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Linux.Datagrams;

/// <summary>A bound UDP socket that a <see cref="DatagramLoop"/> serves; it stays in the namespace where it was bound.</summary>
public sealed class DatagramSocket : IDisposable
{
    /// <summary>Binds a socket in the calling thread's namespace (port 0: the kernel chooses), non-blocking, with a receive buffer of 1 MiB.</summary>
    /// <exception cref="KernelException">The address is taken or not there.</exception>
    public static DatagramSocket Bind(IPEndPoint endpoint, object? state) => throw new NotImplementedException();

    /// <summary>What the owner attached: the handler reads it back by one volatile read (a view may be replaced while serving).</summary>
    public object? State { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint => throw new NotImplementedException();

    /// <summary>Sends a deferred reply from any thread; false if the socket is closed or its buffer is full.</summary>
    public bool TrySend(in DatagramPeer peer, ReadOnlySpan<byte> datagram) => throw new NotImplementedException();

    /// <summary>Leaves its loop and closes.</summary>
    public void Dispose() => throw new NotImplementedException();
}
