// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding;

/// <summary>What is known of one upstream. Not thread-safe: <see cref="UpstreamHealth"/> guards it. Times are timestamps.</summary>
internal sealed class UpstreamRecord
{
    private const int TimeoutsUntilDown = 2;

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SlowProbeInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan HabitsRemembered = TimeSpan.FromMinutes(15);

    private UpstreamHabits _habits;
    private long _habitsNoted;
    private int _timeouts;
    private bool _isLate;
    private long? _answered;
    private TimeSpan _backOff;
    private TimeSpan _untilProbe;
    private long _probed;

    /// <summary>Null until it was measured.</summary>
    internal RoundTripEstimate? RoundTrip { get; private set; }

    /// <summary>When it was last used; the record used longest ago gives way to a new one.</summary>
    internal long Used { get; set; }

    /// <summary>True while a question that lost its race is still waited for, to learn whether the upstream is slow or dead.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>Its place when it is not the slow one of a list.</summary>
    internal UpstreamRank Rank => _timeouts >= TimeoutsUntilDown ? UpstreamRank.Down : _isLate ? UpstreamRank.Late : UpstreamRank.Healthy;

    internal UpstreamHabits HabitsAt(long now, TimeProvider timeProvider) =>
        timeProvider.GetElapsedTime(_habitsNoted, now) < HabitsRemembered ? _habits : UpstreamHabits.None;

    internal void Note(UpstreamHabits habit, long now, TimeProvider timeProvider)
    {
        _habits = HabitsAt(now, timeProvider) | habit;
        _habitsNoted = now;
    }

    internal void Answered(TimeSpan? roundTrip, long now)
    {
        RoundTrip = roundTrip is { } measured ? RoundTripEstimate.After(RoundTrip, measured) : RoundTrip;
        _answered = now;
        _timeouts = 0;
        _isLate = false;
    }

    internal void Late(long asked, long now)
    {
        // One that answered others meanwhile is alive; only this name takes it long.
        if (!_isLate && !HasAnsweredSince(asked))
        {
            _isLate = true;
            _probed = now;
            _untilProbe = FirstBackOff;
            _backOff = 2 * FirstBackOff;
        }
    }

    internal void TimedOut(long asked, long now)
    {
        if (!HasAnsweredSince(asked))
        {
            Late(asked, now);
            _timeouts++;
        }
    }

    /// <summary>True if a question may be copied to this upstream, which its rank keeps from being first.</summary>
    internal bool IsProbeDue(UpstreamRank rank, long now, TimeProvider timeProvider) =>
        timeProvider.GetElapsedTime(_probed, now) >= (rank is UpstreamRank.Slow ? SlowProbeInterval : _untilProbe);

    /// <summary>The same, and takes the interval.</summary>
    internal bool TryProbe(UpstreamRank rank, long now, TimeProvider timeProvider)
    {
        if (!IsProbeDue(rank, now, timeProvider))
        {
            return false;
        }

        _probed = now;
        if (rank is not UpstreamRank.Slow)
        {
            _untilProbe = _backOff;
            _backOff = TimeSpan.FromTicks(Math.Min(2 * _backOff.Ticks, LongestBackOff.Ticks));
        }

        return true;
    }

    private bool HasAnsweredSince(long asked) => _answered >= asked;
}
