// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Dns.Forwarding;

namespace Resolver.Dns.Zones;

/// <summary>What one sandbox sees. Immutable; the responder reads it by one volatile read.</summary>
/// <param name="Zones">The zones of its user-defined networks in the order of their priority. The default network has none here.</param>
/// <param name="Upstreams">Where unknown names go; empty means the host's resolv.conf, followed as it changes.</param>
public sealed record SandboxView(ImmutableArray<Zone> Zones, ImmutableArray<IPEndPoint> Upstreams)
{
    /// <summary>The same as <see cref="Upstreams"/>, ready for the cache; null for the host's.</summary>
    internal UpstreamSet? OwnUpstreams { get; } = Upstreams.IsDefaultOrEmpty ? null : new UpstreamSet(Upstreams);
}
