// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Control.Recovery;

/// <summary>
/// How soon something is made good that somebody destroyed: at once, but against one who keeps at it after a pause that doubles each time. Not
/// thread-safe.
/// </summary>
internal sealed class RepairPace
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private const int FreeRepairs = 3;
    private const int MostDoublings = 8;

    private readonly TimeProvider _time;
    private long _lastAt;

    internal RepairPace(TimeProvider time)
    {
        _time = time;
        _lastAt = time.GetTimestamp();
    }

    /// <summary>How often it was repaired of late, the one counted in that <see cref="Next"/> was asked about.</summary>
    internal int Number { get; private set; }

    /// <summary>True if nothing had to be repaired for a while: then it may be forgotten.</summary>
    internal bool IsQuiet => _time.GetElapsedTime(_lastAt) > Quiet;

    /// <summary>Counts another repair, and says how long to wait before it.</summary>
    internal TimeSpan Next()
    {
        Number = IsQuiet ? 1 : Number + 1;
        int doublings = Math.Clamp(Number - FreeRepairs - 1, 0, MostDoublings);
        return Number <= FreeRepairs ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << doublings, LongestPause.Ticks));
    }

    /// <summary>Notes that it was done, well or not: quiet begins now.</summary>
    internal void Done() => _lastAt = _time.GetTimestamp();
}
