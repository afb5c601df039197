// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Serving;

/// <summary>Counts since the start, a consistent-enough sum over the loops.</summary>
/// <param name="Questions">Messages that were questions.</param>
/// <param name="LocalAnswers">Answered from zones, NODATA and NXDOMAIN included.</param>
/// <param name="Forwarded">Handed to the forwarder.</param>
/// <param name="ForwardingFailures">Answered SERVFAIL because no upstream answered in time.</param>
/// <param name="Refused">Answered SERVFAIL because a limit was reached.</param>
/// <param name="Malformed">Dropped or answered FORMERR/NOTIMP.</param>
public sealed record DnsCounters(long Questions, long LocalAnswers, long Forwarded, long ForwardingFailures, long Refused, long Malformed)
{
    /// <summary>Answered from the cache, fresh.</summary>
    public long CacheHits { get; init; }

    /// <summary>Not found in the cache, so handed to the forwarder.</summary>
    public long CacheMisses { get; init; }

    /// <summary>Answered from the cache though over, because no upstream answered (RFC 8767).</summary>
    public long StaleAnswers { get; init; }

    /// <summary>Replies in the cache now.</summary>
    public long CacheEntries { get; init; }

    /// <summary>What they take, in octets.</summary>
    public long CacheBytes { get; init; }
}
