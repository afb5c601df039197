// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// How fast upstreams answer, and which do not: those are asked last, so that one dead server does not cost every question its timeout.
/// One that is not asked first for its bad record is probed by a copy of a question: after 1 s, then after twice the time up to 30 s while
/// it is silent; every 5 s while it answers but slowly. Copies delay nobody, so a dead upstream costs no client anything. Thread-safe.
/// </summary>
internal sealed class UpstreamHealth(TimeProvider timeProvider)
{
    internal const int MaxRemembered = 1024;

    private readonly Dictionary<UpstreamServer, UpstreamRecord> _records = [];
    private readonly Lock _gate = new();

    /// <summary>How many upstreams are remembered.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _records.Count;
            }
        }
    }

    /// <summary>The order in which to ask, and whom to probe.</summary>
    internal UpstreamPlan Plan(ImmutableArray<UpstreamServer> upstreams)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            UpstreamRecord?[] records = [.. upstreams.Select(upstream => _records.GetValueOrDefault(upstream))];
            UpstreamRank[] ranks = RanksOf(records);
            int[] places = [.. Enumerable.Range(0, upstreams.Length).OrderBy(index => ranks[index])];
            int alive = ranks.Count(rank => rank is not UpstreamRank.Down);
            int? probe = null;
            for (int place = 1; place < places.Length && probe is null; place++)
            {
                UpstreamRank rank = ranks[places[place]];
                if (rank is not UpstreamRank.Healthy && records[places[place]]!.TryProbe(rank, now, timeProvider))
                {
                    probe = place;
                }
            }

            return new UpstreamPlan([.. places.Select(place => upstreams[place])], alive, probe);
        }
    }

    /// <summary>Picks the upstream to ask first; false if there is more to it: nobody is healthy, the pick has habits, or another one is to be probed.</summary>
    internal bool TryPickFirst(ImmutableArray<UpstreamServer> upstreams, [NotNullWhen(true)] out UpstreamServer? first, out TimeSpan patience)
    {
        first = null;
        patience = default;
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            int place = 0;
            if (upstreams.Length > 1)
            {
                UpstreamRecord?[] records = [.. upstreams.Select(upstream => _records.GetValueOrDefault(upstream))];
                UpstreamRank[] ranks = RanksOf(records);
                place = Array.IndexOf(ranks, UpstreamRank.Healthy);
                for (int other = 0; other < ranks.Length; other++)
                {
                    if (ranks[other] is not UpstreamRank.Healthy && records[other]!.IsProbeDue(ranks[other], now, timeProvider))
                    {
                        return false;
                    }
                }
            }

            UpstreamRecord? record = place < 0 ? null : _records.GetValueOrDefault(upstreams[place]);
            if (place < 0 || record is { Rank: not UpstreamRank.Healthy } || record?.HabitsAt(now, timeProvider) is not (null or UpstreamHabits.None))
            {
                return false;
            }

            first = upstreams[place];
            patience = RoundTripEstimate.PatienceFor(record?.RoundTrip);
            return true;
        }
    }

    /// <summary>What was noted about it.</summary>
    internal UpstreamHabits HabitsOf(UpstreamServer upstream)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            return _records.GetValueOrDefault(upstream)?.HabitsAt(now, timeProvider) ?? UpstreamHabits.None;
        }
    }

    /// <summary>It was seen to have this habit.</summary>
    internal void Note(UpstreamServer upstream, UpstreamHabits habit)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            RecordOf(upstream, now).Note(habit, now, timeProvider);
        }
    }

    /// <summary>How long to wait for this upstream before the next is asked as well.</summary>
    internal TimeSpan PatienceFor(UpstreamServer upstream)
    {
        lock (_gate)
        {
            return RoundTripEstimate.PatienceFor(_records.GetValueOrDefault(upstream)?.RoundTrip);
        }
    }

    /// <summary>It answered.</summary>
    /// <param name="upstream">Who.</param>
    /// <param name="roundTrip">In what time; null if that says nothing, as for a refusal: who refuses at once is not the fastest.</param>
    internal void Answered(UpstreamServer upstream, TimeSpan? roundTrip)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            RecordOf(upstream, now).Answered(roundTrip, now);
        }
    }

    /// <summary>It is time to ask another as well. That is no timeout yet; but until it answers others go first.</summary>
    internal void Late(UpstreamServer upstream, long asked)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            RecordOf(upstream, now).Late(asked, now);
        }
    }

    /// <summary>It did not answer while there was time, and has not answered others since it was asked.</summary>
    internal void TimedOut(UpstreamServer upstream, long asked)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            RecordOf(upstream, now).TimedOut(asked, now);
        }
    }

    /// <summary>
    /// True if a question that lost its race should go on waiting for this upstream, to tell slow from dead. One at a time suffices, and
    /// keeps the sockets of a busy daemon few. <see cref="EndWatch"/> gives the place back.
    /// </summary>
    internal bool TryWatch(UpstreamServer upstream)
    {
        long now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            UpstreamRecord record = RecordOf(upstream, now);
            bool isFree = !record.IsWatched;
            record.IsWatched = true;
            return isFree;
        }
    }

    internal void EndWatch(UpstreamServer upstream)
    {
        lock (_gate)
        {
            if (_records.TryGetValue(upstream, out UpstreamRecord? record))
            {
                record.IsWatched = false;
            }
        }
    }

    private static UpstreamRank[] RanksOf(UpstreamRecord?[] records)
    {
        UpstreamRank[] ranks = [.. records.Select(record => record?.Rank ?? UpstreamRank.Healthy)];
        TimeSpan fastest = TimeSpan.MaxValue;
        for (int index = 0; index < records.Length; index++)
        {
            if (ranks[index] is UpstreamRank.Healthy && records[index]?.RoundTrip is { } known && known.Smoothed < fastest)
            {
                fastest = known.Smoothed;
            }
        }

        for (int index = 0; index < records.Length; index++)
        {
            if (ranks[index] is UpstreamRank.Healthy && records[index]?.RoundTrip is { } known && known.IsClearlySlowerThan(fastest))
            {
                ranks[index] = UpstreamRank.Slow;
            }
        }

        return ranks;
    }

    private UpstreamRecord RecordOf(UpstreamServer upstream, long now)
    {
        if (!_records.TryGetValue(upstream, out UpstreamRecord? record))
        {
            if (_records.Count >= MaxRemembered)
            {
                _records.Remove(_records.MinBy(pair => pair.Value.Used).Key);
            }

            record = new UpstreamRecord();
            _records.Add(upstream, record);
        }

        record.Used = now;
        return record;
    }
}
