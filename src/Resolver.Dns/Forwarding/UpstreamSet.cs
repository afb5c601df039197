// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Resolver.Dns.Forwarding;

/// <summary>Upstreams in their order. Two sets with the same servers in the same order are the same to the cache.</summary>
internal sealed class UpstreamSet
{
    /// <summary>Enough that no two sets ever meet.</summary>
    internal const int IdLengthBytes = 16;

    private readonly byte[] _id;

    internal UpstreamSet(ImmutableArray<IPEndPoint> endPoints)
    {
        EndPoints = endPoints;
        _id = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', endPoints)))[..IdLengthBytes];
    }

    internal static UpstreamSet None { get; } = new([]);

    internal ImmutableArray<IPEndPoint> EndPoints { get; }

    /// <summary>What tells it from others, 16 octets.</summary>
    internal ReadOnlySpan<byte> Id => _id;
}
