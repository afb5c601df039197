// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Namespaces;

namespace Resolver.Dns.Serving;

/// <summary>The UDP and the TCP socket of one sandbox's responder: 127.0.0.11, the same free port for both, so that port 53 stays the sandbox's own.</summary>
public sealed class ResponderSockets : IDisposable
{
    private const int MaxAttempts = 20;
    private const int Backlog = 128;

    private static readonly IPAddress Address = new([127, 0, 0, 11]);

    private ResponderSockets(DatagramSocket datagrams, Socket listener)
    {
        Datagrams = datagrams;
        Listener = listener;
    }

    /// <summary>The port of both.</summary>
    public ushort Port => (ushort)Datagrams.LocalEndPoint.Port;

    internal DatagramSocket Datagrams { get; }

    internal Socket Listener { get; }

    /// <summary>Opens the sockets in the calling thread's namespace (call it inside <see cref="NamespaceThread"/>). Loopback must be up: bound before, replies would leave from 127.0.0.1.</summary>
    /// <exception cref="KernelException">No socket or no port.</exception>
    public static ResponderSockets Open()
    {
        for (int attempt = 1; ; attempt++)
        {
            DatagramSocket datagrams = DatagramSocket.Bind(new IPEndPoint(Address, 0), state: null);
            Socket? listener = null;
            try
            {
                listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                listener.NoDelay = true; // The connections inherit it.
                listener.Bind(datagrams.LocalEndPoint);
                listener.Listen(Backlog);
                return new ResponderSockets(datagrams, listener);
            }
            catch (SocketException failure)
            {
                listener?.Dispose();
                datagrams.Dispose();
                if (failure.SocketErrorCode != SocketError.AddressAlreadyInUse || attempt == MaxAttempts)
                {
                    throw new KernelException("bind", $"tcp {datagrams.LocalEndPoint}", (Errno)failure.NativeErrorCode);
                }
            }
        }
    }

    /// <summary>Closes both; needed only when they never came to serve.</summary>
    public void Dispose()
    {
        Datagrams.Dispose();
        Listener.Dispose();
    }
}
