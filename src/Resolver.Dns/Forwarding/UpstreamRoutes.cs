// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Networks;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding;

/// <summary>Which upstreams a name is asked from: those of the longest domain that covers it (split DNS), else those for everything else.</summary>
internal sealed class UpstreamRoutes
{
    private readonly ImmutableArray<(byte[] Domain, UpstreamSet Upstreams)> _byDomain;

    internal UpstreamRoutes(ImmutableArray<Upstream> upstreams)
    {
        _byDomain =
        [
            .. upstreams.Where(upstream => upstream.Domain is not null)
                .GroupBy(upstream => upstream.Domain!)
                .Select(group => (WireNames.Encode(group.Key.Value.ToLowerInvariant()), new UpstreamSet(group)))
                .OrderByDescending(route => route.Item1.Length),
        ];
        Upstream[] others = [.. upstreams.Where(upstream => upstream.Domain is null)];
        Default = others.Length == 0 ? null : new UpstreamSet(others);
    }

    /// <summary>For names that no domain covers; null for those of the host's resolv.conf.</summary>
    internal UpstreamSet? Default { get; }

    /// <summary>All sets.</summary>
    internal IEnumerable<UpstreamSet> All => _byDomain.Select(route => route.Upstreams).Concat(Default is null ? [] : [Default]);

    /// <summary>The upstreams of the longest domain that covers a plain name (with its zero); null if none does.</summary>
    internal UpstreamSet? Find(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] domain, UpstreamSet upstreams) in _byDomain)
        {
            if (WireNames.IsWithin(name, domain))
            {
                return upstreams;
            }
        }

        return null;
    }
}
