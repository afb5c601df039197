// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding;

/// <summary>In which order upstreams are asked; equals keep the configured order.</summary>
internal enum UpstreamRank
{
    /// <summary>It answers, or was never asked.</summary>
    Healthy,

    /// <summary>It answers, but another healthy one does so clearly faster.</summary>
    Slow,

    /// <summary>It let its time for a question pass and has answered nothing since: slow or dead, which will show.</summary>
    Late,

    /// <summary>It timed out twice and has answered nothing since.</summary>
    Down,
}
