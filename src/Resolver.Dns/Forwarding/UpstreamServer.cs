// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;

namespace Resolver.Dns.Forwarding;

/// <summary>An upstream as it is reached from one place: the same address may be another server, or none, in another namespace.</summary>
/// <param name="Upstream">Who.</param>
/// <param name="Sandbox">From where; null for the host's namespace.</param>
internal sealed record UpstreamServer(Upstream Upstream, SandboxContext? Sandbox)
{
    /// <summary>A socket in the namespace that it is dialled from, neither bound nor connected.</summary>
    /// <exception cref="SocketException">No socket is left, or the sandbox is gone.</exception>
    internal Socket OpenSocket(SocketType type)
    {
        AddressFamily family = Upstream.EndPoint.AddressFamily;
        return Sandbox is not null
            ? Sandbox.OpenSocket(family, type)
            : new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
    }

    /// <inheritdoc/>
    public override string ToString() => Upstream.ToString();
}
