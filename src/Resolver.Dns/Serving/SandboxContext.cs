// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Linux;
using Resolver.Linux.Namespaces;

namespace Resolver.Dns.Serving;

/// <summary>What the forwarder keeps for one sandbox: its places, and the way into its namespace. Thread-safe.</summary>
internal sealed class SandboxContext(int maxForwarded, NetworkNamespace? netns) : IDisposable
{
    private const int MaxBatch = 32;

    private static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(1);
    private static long _lastNumber;

    private readonly Lock _gate = new();
    private readonly Stack<Socket> _spare = new();
    private int _batch = 1;
    private long _filled;
    private volatile bool _isDisposed;

    /// <summary>Tells it from every other sandbox that this process has served.</summary>
    internal long Number { get; } = Interlocked.Increment(ref _lastNumber);

    /// <summary>True when the sandbox is served no more.</summary>
    internal bool IsDisposed => _isDisposed;

    /// <summary>Its places at the forwarder.</summary>
    internal ForwardingPlaces Places { get; } = new(maxForwarded);

    /// <summary>
    /// A socket that lives in the sandbox's namespace. Getting into it takes a thread, so that a busy sandbox has its UDP sockets made in
    /// batches; each is used for one question all the same, for the random port's sake.
    /// </summary>
    /// <exception cref="SocketException">No socket is left, or the namespace can't be entered (any more).</exception>
    internal Socket OpenSocket(AddressFamily family, SocketType type)
    {
        if (type != SocketType.Dgram || family != AddressFamily.InterNetwork)
        {
            return Inside(() => new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));
        }

        lock (_gate)
        {
            if (_spare.Count == 0)
            {
                Fill();
            }

            return _spare.Pop();
        }
    }

    /// <summary>Closes what was not used.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (Socket socket in _spare)
            {
                socket.Dispose();
            }

            _spare.Clear();
        }
    }

    private void Fill()
    {
        long now = TimeProvider.System.GetTimestamp();
        _batch = TimeProvider.System.GetElapsedTime(_filled, now) < BusyInterval ? Math.Min(2 * _batch, MaxBatch) : 1;
        _filled = now;
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Inside(() =>
        {
            for (int count = 0; count < _batch; count++)
            {
                _spare.Push(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            }

            return true;
        });
    }

    private T Inside<T>(Func<T> function)
    {
        try
        {
            return netns is null ? function() : NamespaceThread.Run(netns, function);
        }
        catch (Exception failure) when (failure is KernelException or ObjectDisposedException)
        {
            throw new SocketException((int)SocketError.NetworkDown);
        }
    }
}
