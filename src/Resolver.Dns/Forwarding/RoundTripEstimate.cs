// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding;

/// <summary>Smoothed round-trip time and its mean deviation, reckoned as TCP does (RFC 6298 §2).</summary>
/// <param name="Smoothed">SRTT.</param>
/// <param name="Deviation">RTTVAR.</param>
internal readonly record struct RoundTripEstimate(TimeSpan Smoothed, TimeSpan Deviation)
{
    private const int DeviationsWaited = 4;

    private static readonly TimeSpan ShortestPatience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMilliseconds(400);

    /// <summary>How long to wait for an upstream before the next is asked as well; the longest for an unknown one.</summary>
    internal static TimeSpan PatienceFor(RoundTripEstimate? estimate)
    {
        if (estimate is not { } known)
        {
            return LongestPatience;
        }

        TimeSpan expected = known.Smoothed + (DeviationsWaited * known.Deviation);
        return TimeSpan.FromTicks(Math.Clamp(expected.Ticks, ShortestPatience.Ticks, LongestPatience.Ticks));
    }

    /// <summary>The estimate after one more measurement.</summary>
    internal static RoundTripEstimate After(RoundTripEstimate? estimate, TimeSpan measured)
    {
        if (estimate is not { } known)
        {
            return new RoundTripEstimate(measured, measured / 2);
        }

        TimeSpan deviation = ((3 * known.Deviation) + (known.Smoothed - measured).Duration()) / 4;
        return new RoundTripEstimate(((7 * known.Smoothed) + measured) / 8, deviation);
    }

    /// <summary>
    /// True if it is worth leaving the configured order: more than three times as slow and more than 100 ms slower. The margin is wide
    /// because the order is the administrator's wish, and because one name that takes long to resolve says little about the server.
    /// </summary>
    internal bool IsClearlySlowerThan(TimeSpan fastest) =>
        Smoothed > 3 * fastest && Smoothed > fastest + TimeSpan.FromMilliseconds(100);
}
