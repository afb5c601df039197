// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Datagrams;

/// <summary>
/// A few threads, each an epoll loop that drains ready sockets by recvmmsg, asks the handler, and answers by sendmmsg.
/// A loop that fails ends the process (Environment.FailFast): a silent responder is worse than none.
/// </summary>
public sealed class DatagramLoop : IDisposable
{
    private readonly DatagramThread[] _threads;
    private readonly Lock _gate = new();

    /// <summary>Starts the threads.</summary>
    /// <param name="handler">What answers.</param>
    /// <param name="threads">1 and up; the design says min(cores, 4).</param>
    public DatagramLoop(IDatagramHandler handler, int threads)
        : this(() => handler, threads)
    {
    }

    /// <summary>Starts the threads, each with a handler of its own.</summary>
    /// <param name="handlers">Makes one; it stays the caller's.</param>
    /// <param name="threads">1 and up; the design says min(cores, 4).</param>
    public DatagramLoop(Func<IDatagramHandler> handlers, int threads)
    {
        ArgumentNullException.ThrowIfNull(handlers);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = [.. Enumerable.Range(0, threads).Select(number => new DatagramThread(handlers(), number))];
    }

    /// <summary>Serves a socket from now on, on the loop with the fewest sockets.</summary>
    public void Add(DatagramSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        lock (_gate)
        {
            _threads.MinBy(thread => thread.SocketCount)!.Add(socket);
        }
    }

    /// <summary>Stops serving a socket; when it returns, the handler is not and will not be called for it.</summary>
    public void Remove(DatagramSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.Thread is { } thread && _threads.Contains(thread))
        {
            socket.Detach();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        foreach (DatagramThread thread in _threads)
        {
            thread.Dispose();
        }
    }
}
