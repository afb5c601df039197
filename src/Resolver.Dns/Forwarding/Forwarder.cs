// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Core.Networks;
using Resolver.Dns.Answering;
using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding.Datagrams;
using Resolver.Dns.Serving;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// Answers what no zone knows: from the cache, else by asking upstreams. Identical questions in flight share one upstream reply. Thread-safe.
/// </summary>
internal sealed class Forwarder : IAsyncDisposable
{
    internal const int MaxQuestionBytes = 512;

    private const ushort OtherError = 0;
    private const ushort NoReachableAuthority = 22;

    private readonly DnsServiceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly DnsCounts _counts;
    private readonly UpstreamList _upstreams;
    private readonly UpstreamHealth _health;
    private readonly UpstreamClient _client;
    private readonly UpstreamLoops _loops;
    private readonly KnownReplies _known;
    private readonly QuestionsInFlight _inFlight = new();
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
        _known = new KnownReplies(options.MaxCacheBytes, options.ServeStale, timeProvider);
        _places = new ForwardingPlaces(options.MaxForwardedInFlight);
    }

    internal ReplyCache Cache => _known.Cache;

    /// <summary>Ends when the forwarder does: what is begun is to be given up then.</summary>
    internal CancellationToken Stopping => _stop.Token;

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
        if (!_known.TryFindForNow(message, key, out CachedReply? kept, out TimeSpan age))
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
            stale = KnownReplies.MayServeStale(message.Span) ? stale : null;
            byte[]? received = stale is null ? await race.ConfigureAwait(false) : await WithPatienceAsync(race).ConfigureAwait(false);
            if (stale is not null && !IsAboutTheName(received) && TryWriteStale(stale, message.Span, reply.Span, isStream, out int length))
            {
                _counts.Add(DnsCounts.Counted.StaleAnswer);
                return length;
            }

            return WriteReply(message.Span, received, reply.Span, isStream);
        }
        finally
        {
            Leave(view);
        }
    }

    /// <summary>
    /// Begins a question as most go: by UDP from the host to the likeliest upstream. Null if it takes more than that, is on its way already, or if
    /// there is an old answer to fall back on: then <see cref="AnswerAsync"/> is the way.
    /// </summary>
    internal OutstandingQuestion? TryBegin(DatagramSocket socket, in DatagramPeer peer, SandboxView view, ReadOnlySpan<byte> message)
    {
        if (_options.RandomizesCase || !TryParse(message, out Question question) || _loops.Recognizes(question.Name))
        {
            return null;
        }

        UpstreamSet upstreams = _upstreams.Of(view, question.Name);
        ImmutableArray<UpstreamServer> servers = upstreams.IsOfSandbox ? [] : _loops.Without(upstreams.ServersFor(view.Context));
        Span<byte> asked = stackalloc byte[MaxQuestionBytes];
        Span<byte> key = stackalloc byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(message, in question, upstreams, view.Context, key)];
        if (servers.IsEmpty || !_health.TryPickFirst(servers, out UpstreamServer? server, out TimeSpan patience)
            || server.Upstream.Protocol != UpstreamProtocol.Plain || _known.FindForNeed(key) is not null
            || !ForwardedMessages.TryWriteUpstreamQuestion(message, id: 0, asked, out int length) || _inFlight.TryBegin(key.ToArray()) is not { } race)
        {
            return null;
        }

        return new OutstandingQuestion(race, servers, server, patience, asked[..length].ToArray(), _timeProvider.GetTimestamp())
        {
            Socket = socket,
            Peer = peer,
            View = view,
            ClientMessage = message.ToArray(),
        };
    }

    /// <summary>
    /// Writes the client's answer from the reply to what <see cref="TryBegin"/> began and gives the place back; false if the reply is not the end of
    /// it: then <see cref="GoOnAsync"/> is.
    /// </summary>
    internal bool TryEnd(OutstandingQuestion question, ReadOnlySpan<byte> received, Span<byte> reply, out int length)
    {
        length = 0;
        if (!UpstreamClient.IsOrdinary(question.Message, received)
            || !ForwardedMessages.TryWriteClientReply(question.ClientMessage, received, reply, isStream: false, out length))
        {
            return false;
        }

        _health.Answered(question.Server, _timeProvider.GetElapsedTime(question.Asked));
        _known.Keep(question.Race.Key, question.Message, received, old: null);
        _inFlight.End(question.Race, received);
        Leave(question.View);
        return true;
    }

    /// <summary>Answers the client of what <see cref="TryBegin"/> began by a race and gives the place back; returns the length of the reply.</summary>
    internal async Task<int> GoOnAsync(OutstandingQuestion question, Memory<byte> reply)
    {
        try
        {
            Task<byte[]?> ended = _inFlight.Wait(question.Race);
            Start(question.Race, question.Servers, question.Message, old: null, question.IsHandedOver ? question : null);
            byte[]? received = await ended.ConfigureAwait(false);
            return WriteReply(question.ClientMessage, received, reply.Span, isStream: false);
        }
        finally
        {
            Leave(question.View);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _inFlight.StopAsync().ConfigureAwait(false);
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

    private int WriteReply(ReadOnlySpan<byte> message, byte[]? received, Span<byte> reply, bool isStream)
    {
        if (received is null)
        {
            _counts.Add(DnsCounts.Counted.ForwardingFailure);
            return Fail(message, "no upstream answered"u8, reply);
        }

        return UpstreamClient.IsAboutTheName(received) && ForwardedMessages.TryWriteClientReply(message, received, reply, isStream, out int length)
            ? length
            : Fail(message, "every upstream failed"u8, reply);
    }

    private static bool IsAboutTheName(byte[]? received) =>
        received is not null && ForwardedMessages.IsAnswer(received);

    private static bool TryParse(ReadOnlySpan<byte> message, out Question question)
    {
        question = default;
        return question.Parse(message) == QuestionProblem.None;
    }

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
        stale = _known.FindForNeed(key);
        Task<byte[]?> ended = _inFlight.JoinOrBegin(key, out SharedRace? begun);
        if (begun is not null)
        {
            Start(begun, _loops.Without(upstreams.ServersFor(sandbox)), asked, stale, headStart: null);
        }

        return ended;
    }

    private void Start(
        SharedRace race, ImmutableArray<UpstreamServer> servers, ReadOnlyMemory<byte> question, CachedReply? old, OutstandingQuestion? headStart) =>
        _ = Task.Run(async () =>
        {
            try
            {
                await RunAsync(race, servers, question, old, headStart).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A bug: who waits gets to know it, and says so.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _inFlight.Fail(race, failure);
            }
        });

    private async Task RunAsync(
        SharedRace shared, ImmutableArray<UpstreamServer> servers, ReadOnlyMemory<byte> question, CachedReply? old, OutstandingQuestion? headStart)
    {
        UpstreamRace race = new(servers, _client, _health, _options, _timeProvider, _stop.Token, headStart);
        byte[]? reply;
        try
        {
            reply = await race.RunAsync(question).ConfigureAwait(false);
            if (!_stop.IsCancellationRequested)
            {
                _known.Keep(shared.Key, question.Span, reply ?? ForwardedMessages.Unanswered(question.Span), old);
            }

            if (reply is null && shared.IsShared && !_stop.IsCancellationRequested)
            {
                _loops.Probe(servers);
            }
        }
        finally
        {
            // What the losers do matters only to the next question.
            _inFlight.Settle(race.DisposeAsync().AsTask());
        }

        _inFlight.End(shared, reply);
    }
}
