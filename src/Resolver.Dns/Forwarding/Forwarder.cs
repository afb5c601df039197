// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Dns.Answering;
using Resolver.Dns.Caching;
using Resolver.Dns.Serving;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// Answers what no zone knows: from the cache, else by asking upstreams. Identical questions in flight share one upstream reply. Thread-safe.
/// </summary>
internal sealed class Forwarder : IAsyncDisposable
{
    private const int MaxQuestionBytes = 512;
    private const ushort OtherError = 0;
    private const ushort NoReachableAuthority = 22;

    /// <summary>How long upstreams that failed are left alone while there is a stale answer to give (RFC 8767 §5).</summary>
    private static readonly TimeSpan FailureRecheck = TimeSpan.FromSeconds(30);

    private readonly DnsServiceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly DnsCounts _counts;
    private readonly UpstreamList _upstreams;
    private readonly UpstreamHealth _health;
    private readonly UpstreamClient _client;
    private readonly UpstreamLoops _loops;
    private readonly ReplyCache _cache;
    private readonly Dictionary<byte[], Race> _inFlight = new(ReplyCache.KeyComparer.Instance);
    private readonly HashSet<Task> _settling = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ForwardingPlaces _places;

    internal Forwarder(DnsServiceOptions options, TimeProvider timeProvider, DnsCounts counts, ILogger logger)
    {
        _options = options;
        _timeProvider = timeProvider;
        _counts = counts;
        _upstreams = new UpstreamList(options.ResolvConfPath, timeProvider, logger);
        _health = new UpstreamHealth(timeProvider);
        _client = new UpstreamClient(options, _health, timeProvider);
        _loops = new UpstreamLoops(_client, timeProvider, logger);
        _cache = new ReplyCache(options.MaxCacheBytes);
        _places = new ForwardingPlaces(options.MaxForwardedInFlight);
    }

    internal ReplyCache Cache => _cache;

    /// <summary>The addresses of the host's own upstreams, now.</summary>
    internal ImmutableArray<IPAddress> HostNameservers => [.. _upstreams.OfHost().Upstreams.Select(upstream => upstream.EndPoint.Address)];

    /// <summary>The upstreams of a view, now: those of its domains, and those for everything else.</summary>
    internal IEnumerable<UpstreamSet> UpstreamsOf(SandboxView view) => view.Routes switch
    {
        null => [_upstreams.OthersOf(view)],
        { Default: null } routes => routes.All.Append(_upstreams.OthersOf(view)),
        { } routes => routes.All,
    };

    /// <summary>Answers a well-formed question from the cache; allocates and waits for nothing.</summary>
    internal bool TryAnswerFromCache(
        SandboxView view, ReadOnlySpan<byte> message, Span<byte> reply, bool isStream, uint rotation, out int length)
    {
        length = 0;
        Question question = default;
        if (question.Parse(message) != QuestionProblem.None)
        {
            return false;
        }

        UpstreamSet upstreams = _upstreams.Of(view, question.Name);
        Span<byte> key = stackalloc byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(message, in question, upstreams, view.Context, key)];
        if (!TryFind(key, out CachedReply? kept, out TimeSpan age) || !(kept.IsFresh(age) || MayServeStaleAtOnce(message, kept, age)))
        {
            _counts.Add(DnsCounts.Counted.CacheMiss);
            return false;
        }

        length = kept.Write(message, in question, age, rotation, reply, isStream);
        _counts.Add(kept.IsFresh(age) ? DnsCounts.Counted.CacheHit : DnsCounts.Counted.StaleAnswer);
        if (kept.TryClaimRefresh(age))
        {
            Refresh(view, upstreams, message);
        }

        return true;
    }

    /// <summary>Takes one of the places of questions that wait; false if all are taken: then <see cref="RefuseBusy"/> is the answer.</summary>
    internal bool TryEnter(SandboxView view)
    {
        // The sandbox's own bound first, so that one that floods takes nothing from the others.
        if (view.Context is not { } context || context.Places.TryTake())
        {
            if (_places.TryTake())
            {
                _counts.Add(DnsCounts.Counted.Forwarded);
                return true;
            }

            view.Context?.Places.Leave();
        }

        _counts.Add(DnsCounts.Counted.Refused);
        return false;
    }

    private void Leave(SandboxView view)
    {
        _places.Leave();
        view.Context?.Places.Leave();
    }

    /// <summary>Writes the answer for a question that found no place.</summary>
    internal static void RefuseBusy(ReadOnlySpan<byte> message, Span<byte> reply, out int length) =>
        ForwardedMessages.WriteServerFailure(message, OtherError, "too many questions wait for upstreams"u8, reply, out length);

    /// <summary>Answers the client's message and gives the place back; returns the length of the reply, which always is one.</summary>
    internal async Task<int> AnswerAsync(SandboxView view, ReadOnlyMemory<byte> message, Memory<byte> reply, bool isStream)
    {
        try
        {
            if (CannotAsk(view, message.Span, out UpstreamSet upstreams) is { Length: > 0 } reason)
            {
                _counts.Add(DnsCounts.Counted.ForwardingFailure);
                return Fail(message.Span, reason, reply.Span);
            }

            Task<byte[]?> race = AskAsync(upstreams, view.Context, message, out CachedReply? stale);
            stale = MayServeStale(message.Span) ? stale : null;
            byte[]? received = stale is null ? await race.ConfigureAwait(false) : await WithPatienceAsync(race).ConfigureAwait(false);
            int length = 0;
            if (stale is not null && !IsAboutTheName(received) && TryWriteStale(stale, message.Span, reply.Span, isStream, out length))
            {
                _counts.Add(DnsCounts.Counted.StaleAnswer);
                return length;
            }

            if (received is null)
            {
                _counts.Add(DnsCounts.Counted.ForwardingFailure);
                return Fail(message.Span, "no upstream answered"u8, reply.Span);
            }

            return UpstreamClient.IsAboutTheName(received)
                && ForwardedMessages.TryWriteClientReply(message.Span, received, reply.Span, isStream, out length)
                    ? length
                    : Fail(message.Span, "every upstream failed"u8, reply.Span);
        }
        finally
        {
            Leave(view);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate)
        {
            running = [.. _inFlight.Values.Select(race => race.Ended)];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        lock (_gate)
        {
            running = [.. _settling];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Why nobody can be asked; empty if somebody can.</summary>
    private ReadOnlySpan<byte> CannotAsk(SandboxView view, ReadOnlySpan<byte> message, out UpstreamSet upstreams)
    {
        upstreams = UpstreamSet.None;
        if (!TryParse(message, out Question question) || _loops.Recognizes(question.Name))
        {
            return "the question came back from an upstream"u8;
        }

        upstreams = _upstreams.Of(view, question.Name);
        return upstreams.Upstreams.IsEmpty ? "no upstream is configured"u8
            : _loops.Without(upstreams.ServersFor(view.Context)).IsEmpty ? "every upstream leads back here"u8
            : default;
    }

    private static int Fail(ReadOnlySpan<byte> message, ReadOnlySpan<byte> text, Span<byte> reply)
    {
        ForwardedMessages.WriteServerFailure(message, NoReachableAuthority, text, reply, out int length);
        return length;
    }

    private static bool IsAboutTheName(byte[]? received) =>
        received is not null && ForwardedMessages.Outcome(received).Rcode is Rcodes.NoError or Rcodes.NxDomain;

    private static bool TryParse(ReadOnlySpan<byte> message, out Question question)
    {
        question = default;
        return question.Parse(message) == QuestionProblem.None;
    }

    // Under the name and the type, else under the name alone, where names that do not exist are kept.
    private bool TryFind(Span<byte> key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CachedReply? kept, out TimeSpan age)
    {
        if (_cache.TryFind(key, out kept))
        {
            age = _timeProvider.GetElapsedTime(kept.StoredAt);
            if (kept.IsFresh(age))
            {
                return true;
            }
        }

        Span<byte> everyType = stackalloc byte[CacheKey.MaxLengthBytes];
        key.CopyTo(everyType);
        everyType = everyType[..key.Length];
        CacheKey.ForEveryType(everyType);
        if (_cache.TryFind(everyType, out CachedReply? missing) && (kept is null || missing.StoredAt > kept.StoredAt))
        {
            kept = missing;
        }

        age = kept is null ? default : _timeProvider.GetElapsedTime(kept.StoredAt);
        return kept is not null;
    }

    private bool MayServeStaleAtOnce(ReadOnlySpan<byte> message, CachedReply kept, TimeSpan age) =>
        MayServeStale(message) && kept.FailedAt is { } failed && _timeProvider.GetElapsedTime(failed) < FailureRecheck && kept.IsWithin(age, _options.ServeStale);

    // Who wants no recursion wants to know what is known (RFC 8767 §4).
    private static bool MayServeStale(ReadOnlySpan<byte> message) => (message[2] & MessageHeader.RecursionDesiredBit) != 0;

    private bool TryWriteStale(CachedReply stale, ReadOnlySpan<byte> message, Span<byte> reply, bool isStream, out int length)
    {
        length = 0;
        if (!TryParse(message, out Question question))
        {
            return false;
        }

        length = stale.Write(message, in question, _timeProvider.GetElapsedTime(stale.StoredAt), rotation: 0, reply, isStream);
        return true;
    }

    // RFC 8767 §5: the client's own patience ends before the upstream's; what comes later still fills the cache.
    private async Task<byte[]?> WithPatienceAsync(Task<byte[]?> race)
    {
        try
        {
            return await race.WaitAsync(_options.StaleAnswerAfter, _timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    // Apart, because it allocates.
    private void Refresh(SandboxView view, UpstreamSet upstreams, ReadOnlySpan<byte> message)
    {
        if (!TryEnter(view))
        {
            return;
        }

        byte[] question = message.ToArray();
        _ = Task.Run(async () =>
        {
            try
            {
                await AskAsync(upstreams, view.Context, question, out _).ConfigureAwait(false);
            }
            finally
            {
                Leave(view);
            }
        });
    }

    private Task<byte[]?> AskAsync(UpstreamSet upstreams, SandboxContext? sandbox, ReadOnlyMemory<byte> message, out CachedReply? stale)
    {
        stale = null;
        byte[] buffer = new byte[MaxQuestionBytes];
        if (!ForwardedMessages.TryWriteUpstreamQuestion(message.Span, id: 0, buffer, out int length)
            || !TryParse(buffer.AsSpan(0, length), out Question question))
        {
            return Task.FromResult<byte[]?>(null);
        }

        Memory<byte> asked = buffer.AsMemory(0, length);
        Span<byte> text = stackalloc byte[CacheKey.MaxLengthBytes];
        byte[] key = text[..CacheKey.Write(asked.Span, in question, upstreams, sandbox, text)].ToArray();
        if (TryFind(text[..key.Length], out CachedReply? kept, out TimeSpan age) && kept.IsWithin(age, _options.ServeStale))
        {
            stale = kept;
        }

        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return Task.FromResult<byte[]?>(null);
            }

            if (_inFlight.TryGetValue(key, out Race? race))
            {
                race.IsShared = true;
                return race.Ended;
            }

            CachedReply? old = stale;
            ImmutableArray<UpstreamServer> servers = _loops.Without(upstreams.ServersFor(sandbox));
            race = new Race();
            race.Ended = Task.Run(() => RunAsync(race, key, servers, asked, old));
            _inFlight.Add(key, race);
            return race.Ended;
        }
    }

    private async Task<byte[]?> RunAsync(
        Race shared, byte[] key, ImmutableArray<UpstreamServer> servers, ReadOnlyMemory<byte> question, CachedReply? old)
    {
        UpstreamRace race = new(servers, _client, _health, _options, _timeProvider, _stop.Token);
        try
        {
            byte[]? reply = await race.RunAsync(question).ConfigureAwait(false);
            if (!_stop.IsCancellationRequested)
            {
                Keep(key, question.Span, reply ?? ForwardedMessages.Unanswered(question.Span), old);
            }

            if (reply is null && shared.IsShared && !_stop.IsCancellationRequested)
            {
                _loops.Probe(servers);
            }

            return reply;
        }
        finally
        {
            Task settling = race.DisposeAsync().AsTask();
            lock (_gate)
            {
                _settling.Add(settling);
                _inFlight.Remove(key);
            }

            // The clients have their answer; what the losers do matters only to the next question.
            _ = ForgetWhenSettledAsync(settling);
        }
    }

    private async Task ForgetWhenSettledAsync(Task settling)
    {
        await settling.ConfigureAwait(false);
        lock (_gate)
        {
            _settling.Remove(settling);
        }
    }

    // A failure leaves what was known (RFC 8767 §4); it is remembered only where nothing was.
    private void Keep(byte[] key, ReadOnlySpan<byte> asked, byte[] reply, CachedReply? old)
    {
        long now = _timeProvider.GetTimestamp();
        if (old is not null && !IsAboutTheName(reply))
        {
            old.FailedAt = now;
        }
        else if (TryParse(asked, out Question question)
            && CachedReply.TryMake(key, question.Type, question.End, reply, now) is { } entry)
        {
            _cache.Keep(entry);
        }
    }

    /// <summary>A question on its way to upstreams, and whether several clients wait for it.</summary>
    private sealed class Race
    {
        internal Task<byte[]?> Ended { get; set; } = Task.FromResult<byte[]?>(null);

        internal bool IsShared { get; set; }
    }
}
