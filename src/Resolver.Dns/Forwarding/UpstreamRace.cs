// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net.Sockets;
using Resolver.Dns.Forwarding.Datagrams;
using Resolver.Dns.Serving;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// One question to several upstreams: the next is asked when one fails, or as well when one is slow; the first usable reply wins.
/// When all were asked, the silent ones are asked again, for a datagram may have been lost, each time with twice the patience. Upstreams
/// that are down join when the others failed or were silent for <see cref="DnsServiceOptions.UpstreamTimeout"/>. Used once.
/// </summary>
internal sealed class UpstreamRace : IAsyncDisposable
{
    private readonly UpstreamClient _client;
    private readonly UpstreamHealth _health;
    private readonly DnsServiceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationToken _stop;
    private readonly OutstandingQuestion? _headStart;
    private readonly CancellationTokenSource _budget;
    private readonly CancellationTokenSource _end;
    private readonly UpstreamPlan _plan;
    private readonly long _started;
    private readonly bool[] _failed;
    private readonly int[] _asks;
    private readonly List<Attempt> _running = [];
    private Attempt? _current;
    private TimeSpan? _hedgeAt;
    private int _next;

    internal UpstreamRace(
        ImmutableArray<UpstreamServer> upstreams,
        UpstreamClient client,
        UpstreamHealth health,
        DnsServiceOptions options,
        TimeProvider timeProvider,
        CancellationToken stop,
        OutstandingQuestion? headStart = null)
    {
        _client = client;
        _health = health;
        _options = options;
        _timeProvider = timeProvider;
        _stop = stop;
        _plan = health.Plan(upstreams);
        _failed = new bool[upstreams.Length];
        _asks = new int[upstreams.Length];
        _headStart = headStart;
        _started = headStart?.Asked ?? timeProvider.GetTimestamp();
        TimeSpan left = options.ForwardingBudget - timeProvider.GetElapsedTime(_started);
        _budget = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_budget.Token, stop);
    }

    /// <summary>The winning reply; failing that the last that came (SERVFAIL and the like); null if none came in time.</summary>
    internal async Task<byte[]?> RunAsync(ReadOnlyMemory<byte> question)
    {
        if (!TryTakeHeadStart(question))
        {
            AskNext(question);
        }

        if (_plan.Probe is { } probe && _asks[probe] == 0)
        {
            _running.Add(Ask(probe, question));
        }

        byte[]? last = null;
        while (_running.Count > 0 && !_end.IsCancellationRequested)
        {
            if (await NextDoneAsync().ConfigureAwait(false) is not { } done)
            {
                AskNext(question);
                continue;
            }

            Verdict verdict = await done.Ended.ConfigureAwait(false);
            last = verdict.Reply ?? last;
            if (verdict.IsUsable)
            {
                break;
            }

            _failed[done.Place] = true;
            if (!_failed.Contains(false))
            {
                break;
            }

            // A failed copy, or a failed latecomer, changes nothing: somebody else has the turn.
            if (ReferenceEquals(done, _current) || _running.Count == 0)
            {
                AskNext(question);
            }
        }

        return last;
    }

    /// <summary>
    /// To be awaited in the background when the race is run: ends what still runs, but for one question per upstream, which is
    /// waited for as long as the budget goes, so that a slow upstream gets its time measured and only a silent one a timeout.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Attempt attempt in _running)
        {
            attempt.IsWatched = !_end.IsCancellationRequested && _health.TryWatch(Upstream(attempt.Place));
            if (!attempt.IsWatched)
            {
                await attempt.Cut.CancelAsync().ConfigureAwait(false);
            }
        }

        foreach (Attempt attempt in _running)
        {
            await attempt.Ended.ConfigureAwait(false);
            attempt.Cut.Dispose();
            if (attempt.IsWatched)
            {
                _health.EndWatch(Upstream(attempt.Place));
            }
        }

        _end.Dispose();
        _budget.Dispose();
    }

    private UpstreamServer Upstream(int place) => _plan.Order[place];

    // True if what was asked before was asked of whom this race would ask first, so that it is that one's turn still.
    private bool TryTakeHeadStart(ReadOnlyMemory<byte> question)
    {
        if (_headStart is not { } first)
        {
            return false;
        }

        int place = _plan.Order.IndexOf(first.Server);
        if (place < 0)
        {
            first.Port?.Forget(first);
            return false;
        }

        Attempt attempt = Ask(place, question, first);
        _running.Add(attempt);
        if (place > 0)
        {
            return false;
        }

        _next = 1;
        _current = attempt;
        _hedgeAt = first.Patience;
        return true;
    }

    private void AskNext(ReadOnlyMemory<byte> question)
    {
        _current = null;
        _hedgeAt = null;
        TimeSpan elapsed = _timeProvider.GetElapsedTime(_started);
        for (int tries = 0; tries < 2 * _failed.Length && !_end.IsCancellationRequested; tries++)
        {
            int place = _next % _failed.Length;
            bool isAgain = _next >= _failed.Length;
            _next++;
            if (!_failed[place] && (isAgain || _asks[place] == 0) && (place < _plan.AliveCount || MayAskDown(elapsed)))
            {
                // The doubling is capped by the budget long before it could overflow.
                _hedgeAt = elapsed + (_health.PatienceFor(Upstream(place)) * (1 << Math.Min(_asks[place], 10)));
                _current = Ask(place, question);
                _running.Add(_current);
                return;
            }
        }
    }

    private bool MayAskDown(TimeSpan elapsed) =>
        elapsed >= _options.UpstreamTimeout || !_failed.AsSpan(0, _plan.AliveCount).Contains(false);

    /// <summary>The attempt that ended next; null when the time to ask one more has come.</summary>
    private async Task<Attempt?> NextDoneAsync()
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        TimeSpan wait = _hedgeAt is { } due ? due - _timeProvider.GetElapsedTime(_started) : Timeout.InfiniteTimeSpan;
        Task hedge = Task.Delay(_hedgeAt is not null && wait < TimeSpan.Zero ? TimeSpan.Zero : wait, _timeProvider, timer.Token);
        await Task.WhenAny(_running.Select(attempt => (Task)attempt.Ended).Append(hedge)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        if (_running.Find(attempt => attempt.Ended.IsCompleted) is { } done)
        {
            _running.Remove(done);
            done.Cut.Dispose();
            return done;
        }

        if (_current is { } late && !_end.IsCancellationRequested)
        {
            _health.Late(Upstream(late.Place), late.Asked);
        }

        return null;
    }

    private Attempt Ask(int place, ReadOnlyMemory<byte> question, OutstandingQuestion? headStart = null)
    {
        bool isFirst = _asks[place]++ == 0;
        long asked = headStart?.Asked ?? _timeProvider.GetTimestamp();
        CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        return new Attempt(place, asked, cut, TryAsync(Upstream(place), question, asked, isFirst, headStart, cut.Token));
    }

    private async Task<Verdict> TryAsync(
        UpstreamServer upstream,
        ReadOnlyMemory<byte> question,
        long asked,
        bool isFirst,
        OutstandingQuestion? headStart,
        CancellationToken cancellation)
    {
        try
        {
            return new Verdict(await _client.AskAsync(upstream, question, cancellation, headStart).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            // Refused, unreachable or broken off: the next one is asked at once.
            return default;
        }
        catch (OperationCanceledException)
        {
            // One that lost to a winner was cut off before its time was over. A question asked again is the same silence: counted once.
            bool hadItsTime = _budget.IsCancellationRequested && _timeProvider.GetElapsedTime(asked) >= _options.UpstreamTimeout;
            if (isFirst && hadItsTime && !_stop.IsCancellationRequested)
            {
                _health.TimedOut(upstream, asked);
            }

            return default;
        }
    }

    /// <summary>One question on its way to the upstream at a place of the plan's order.</summary>
    private sealed record Attempt(int Place, long Asked, CancellationTokenSource Cut, Task<Verdict> Ended)
    {
        internal bool IsWatched { get; set; }
    }

    /// <summary>What came of asking one upstream; no reply if none came or it was malformed.</summary>
    private readonly record struct Verdict(byte[]? Reply)
    {
        /// <summary>True if the reply says something about the name, not about the upstream.</summary>
        internal bool IsUsable => Reply is not null && UpstreamClient.IsAboutTheName(Reply);
    }
}
