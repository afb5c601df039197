// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Forwarding;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>A forwarder as a client sees it, by a clock that stands still unless the test moves it.</summary>
internal sealed class AskedForwarder : IAsyncDisposable
{
    private const EDnsOptionType ExtendedError = (EDnsOptionType)15;

    private readonly DnsCounts _counts = new();
    private readonly Forwarder _forwarder;

    internal AskedForwarder(DnsServiceOptions? options = null, ILogger? logger = null) =>
        _forwarder = new Forwarder((options ?? new DnsServiceOptions()) with { ResolvConfPath = "/nonexistent/resolv.conf" }, Clock, _counts, logger ?? NullLogger.Instance);

    internal FakeTimeProvider Clock { get; } = new();

    /// <summary>By how much the addresses of kept replies are moved round.</summary>
    internal uint Rotation { get; set; }

    internal DnsCounters Counters => _counts.Sum();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    internal Task<byte[]> AskAsync(byte[] question, params FakeUpstream[] upstreams) => AskAsync(question, isStream: false, upstreams);

    internal async Task<byte[]> AskAsync(byte[] question, bool isStream, params FakeUpstream[] upstreams)
    {
        SandboxView view = new([], [.. upstreams.Select(upstream => upstream.Upstream)]);
        byte[] reply = new byte[isStream ? ushort.MaxValue : 4096];
        if (_forwarder.TryAnswerFromCache(view, question, reply, isStream, Rotation, out int length))
        {
            return reply[..length];
        }

        Assert.True(_forwarder.TryEnter(view));
        length = await _forwarder.AnswerAsync(view, question, reply, isStream).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        return reply[..length];
    }

    /// <summary>Asks, and moves the clock by steps until there is an answer.</summary>
    internal async Task<(byte[] Reply, TimeSpan Waited)> AskWhileTimePassesAsync(byte[] question, params FakeUpstream[] upstreams)
    {
        TimeSpan step = TimeSpan.FromMilliseconds(100);
        TimeSpan waited = TimeSpan.Zero;
        Task<byte[]> asking = AskAsync(question, upstreams);
        for (int i = 0; i < 100 && !asking.IsCompleted; i++)
        {
            // A while of real time lets the timers that are due do their work before the next step.
            await Task.WhenAny(asking, Task.Delay(20, CancellationToken.None));
            if (!asking.IsCompleted)
            {
                Clock.Advance(step);
                waited += step;
            }
        }

        return (await asking.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), waited);
    }

    /// <summary>The code of the Extended DNS Error in a reply; null if there is none.</summary>
    internal static int? InfoCode(byte[] reply)
    {
        UnknownOption? error = DnsMessage.Parse(reply).EDnsOptions?.Options?.OfType<UnknownOption>().SingleOrDefault(option => option.Type == ExtendedError);
        return error?.Data is [byte high, byte low, ..] ? (high << 8) | low : null;
    }

    internal static int Rcode(byte[] reply) => reply[3] & 15;
}
