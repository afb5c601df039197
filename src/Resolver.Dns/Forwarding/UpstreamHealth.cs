// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;

namespace Resolver.Dns.Forwarding;

/// <summary>Which upstreams did not answer lately: they are asked last, so that one dead server does not cost every question its timeout.</summary>
internal sealed class UpstreamHealth(TimeProvider timeProvider)
{
    private const int MaxRemembered = 1024;

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<IPEndPoint, long> _timedOut = new();

    internal void TimedOut(IPEndPoint upstream)
    {
        if (_timedOut.Count >= MaxRemembered)
        {
            _timedOut.Clear();
        }

        _timedOut[upstream] = timeProvider.GetTimestamp();
    }

    internal void Answered(IPEndPoint upstream) => _timedOut.TryRemove(upstream, out _);

    /// <summary>The configured order, the silent ones last.</summary>
    internal ImmutableArray<IPEndPoint> Order(ImmutableArray<IPEndPoint> upstreams) =>
        _timedOut.IsEmpty ? upstreams : [.. upstreams.OrderBy(IsSilent)];

    private bool IsSilent(IPEndPoint upstream) =>
        _timedOut.TryGetValue(upstream, out long since) && timeProvider.GetElapsedTime(since) < Memory;
}
