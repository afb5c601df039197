// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;

namespace Resolver.Dns.Serving;

/// <summary>The UDP and the TCP socket of one sandbox's responder: 127.0.0.11, the same free port for both, so that port 53 stays the sandbox's own.</summary>
public sealed class ResponderSockets : IDisposable
{
    /// <summary>Opens the sockets in the calling thread's namespace (call it inside <see cref="NamespaceThread"/>). Loopback must be up to answer, not to bind.</summary>
    /// <exception cref="Linux.KernelException">No socket or no port.</exception>
    public static ResponderSockets Open() => throw new NotImplementedException();

    /// <summary>The port of both.</summary>
    public ushort Port => throw new NotImplementedException();

    /// <summary>Closes both; needed only when they never came to serve.</summary>
    public void Dispose() => throw new NotImplementedException();
}
