// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Serving;

/// <summary>How the responders serve. Every limit is counted when it refuses.</summary>
public sealed record DnsServiceOptions
{
    /// <summary>Datagram loops; the design says min(cores, 4).</summary>
    public int LoopThreads { get; init; } = Math.Min(Environment.ProcessorCount, 4);

    /// <summary>The host's resolv.conf, whose nameservers are the upstreams of networks that name none.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>Questions that may wait for upstreams at once; one more is answered SERVFAIL at once.</summary>
    public int MaxForwardedInFlight { get; init; } = 4096;

    /// <summary>How many of these one sandbox may take, so that one that floods leaves room for the others.</summary>
    public int MaxForwardedPerSandbox { get; init; } = 1024;

    /// <summary>Silence that counts as a timeout of an upstream; how soon the next is asked as well depends on its measured RTT.</summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a question is worked on in all; under the 5 s after which glibc and musl give up.</summary>
    public TimeSpan ForwardingBudget { get; init; } = TimeSpan.FromSeconds(3.5);

    /// <summary>
    /// True to mix the case of letters in questions to upstreams and to check it in their replies (draft-vixie-dnsext-dns0x20): a bit per letter
    /// more for a forger to guess, at the cost of servers that do not echo it.
    /// </summary>
    public bool RandomizesCase { get; init; }

    /// <summary>What the cache of upstreams' replies may take, in octets; 0 turns it off.</summary>
    public long MaxCacheBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long after its end an answer may still be given when no upstream answers (RFC 8767); zero: never.</summary>
    public TimeSpan ServeStale { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long upstreams are waited for when there is such an answer (RFC 8767 §5: 1.8 s).</summary>
    public TimeSpan StaleAnswerAfter { get; init; } = TimeSpan.FromSeconds(1.8);

    /// <summary>TCP connections per sandbox; the longest idle one gives way.</summary>
    public int MaxTcpConnectionsPerSandbox { get; init; } = 100;

    /// <summary>How long a message may take from its length to its last octet, however slowly it drips.</summary>
    public TimeSpan TcpMessageTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Idle TCP connections are closed after this time since the last complete message (RFC 7766 §6.2.3).</summary>
    public TimeSpan TcpIdleTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
