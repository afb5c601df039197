// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// Upstreams that are asked the same names, in their order. Two sets with the same servers in the same order are the same to the cache, but for
/// those that are dialled from a sandbox: what it hears there is for itself alone, for it could redirect its own traffic to a server that lies.
/// </summary>
internal sealed class UpstreamSet
{
    /// <summary>Enough that no two sets ever meet.</summary>
    internal const int IdLengthBytes = 16;

    private readonly byte[] _id;
    private readonly ImmutableArray<UpstreamServer> _fromHost;

    internal UpstreamSet(IEnumerable<Upstream> upstreams)
    {
        // The domain decides whether the set is asked, not what it answers.
        Upstreams = [.. upstreams.Select(upstream => upstream with { Domain = null }).Distinct()];
        _id = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', Upstreams)))[..IdLengthBytes];
        _fromHost = [.. Upstreams.Select(upstream => new UpstreamServer(upstream, null))];
        IsOfSandbox = Upstreams.Any(upstream => !upstream.IsFromHost);
    }

    internal static UpstreamSet None { get; } = new([]);

    internal ImmutableArray<Upstream> Upstreams { get; }

    /// <summary>What tells it from others, 16 octets.</summary>
    internal ReadOnlySpan<byte> Id => _id;

    /// <summary>True if one of them is dialled from the sandbox that asks.</summary>
    internal bool IsOfSandbox { get; }

    /// <summary>The servers as a sandbox reaches them.</summary>
    internal ImmutableArray<UpstreamServer> ServersFor(SandboxContext? sandbox) => !IsOfSandbox || sandbox is null
        ? _fromHost
        : [.. Upstreams.Select(upstream => new UpstreamServer(upstream, upstream.IsFromHost ? null : sandbox))];
}
