// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Datagrams;

/// <summary>
/// A few threads, each an epoll loop that drains ready sockets by recvmmsg, asks the handler, and answers by sendmmsg.
/// A loop that fails ends the process (Environment.FailFast): a silent responder is worse than none.
/// </summary>
public sealed class DatagramLoop : IDisposable
{
    /// <summary>Starts the threads.</summary>
    /// <param name="handler">What answers.</param>
    /// <param name="threads">1 and up; the design says min(cores, 4).</param>
    public DatagramLoop(IDatagramHandler handler, int threads) => throw new NotImplementedException();

    /// <summary>Serves a socket from now on, on the loop with the fewest sockets.</summary>
    public void Add(DatagramSocket socket) => throw new NotImplementedException();

    /// <summary>Stops serving a socket; when it returns, the handler is not and will not be called for it.</summary>
    public void Remove(DatagramSocket socket) => throw new NotImplementedException();

    /// <summary>Ends the threads.</summary>
    public void Dispose() => throw new NotImplementedException();
}
