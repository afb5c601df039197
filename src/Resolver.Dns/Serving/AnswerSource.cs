// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Serving;

/// <summary>Who gave an answer.</summary>
public enum AnswerSource
{
    /// <summary>The zones, or a special name.</summary>
    Registry,

    /// <summary>The cache of upstreams' replies.</summary>
    Cache,

    /// <summary>An upstream, or none in time.</summary>
    Upstream,
}
