// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Resolver.Cli;

/// <summary>Reads durations such as 10s, 500ms and 2m.</summary>
internal static class DurationText
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Reads a duration of at most a day.</summary>
    /// <exception cref="UsageException">The text has another form.</exception>
    public static TimeSpan Parse(string text)
    {
        foreach ((string unit, double seconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
                && value * seconds <= TimeSpan.SecondsPerDay)
            {
                return TimeSpan.FromSeconds(value * seconds);
            }
        }

        throw new UsageException($"'{text}' is no duration: write for example 10s, 500ms or 2m");
    }
}
