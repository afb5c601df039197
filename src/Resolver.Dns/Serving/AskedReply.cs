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

/// <summary>An answer and where it came from.</summary>
/// <param name="Message">The reply in wire form; empty if the message was none to answer.</param>
/// <param name="Source">Who gave it.</param>
/// <param name="Elapsed">The time it took.</param>
public sealed record AskedReply(ReadOnlyMemory<byte> Message, AnswerSource Source, TimeSpan Elapsed);
