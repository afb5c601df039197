// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Resolver.Core.Endpoints;

/// <summary>One or more consecutive ports. Value equality; the default value is no range.</summary>
public readonly record struct PortRange
{
    /// <summary>Makes a range.</summary>
    /// <param name="first">1 to 65535.</param>
    /// <param name="last"><paramref name="first"/> to 65535.</param>
    public PortRange(ushort first, ushort last)
    {
        ArgumentOutOfRangeException.ThrowIfZero(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        First = first;
        Last = last;
    }

    /// <summary>The lowest port.</summary>
    public ushort First { get; }

    /// <summary>The highest port.</summary>
    public ushort Last { get; }

    /// <summary>How many ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>Reads <c>80</c> or <c>8000-8010</c>.</summary>
    public static bool TryParse(string text, out PortRange range)
    {
        range = default;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryParsePort(dash < 0 ? text : text[..dash], out ushort first)
            || !TryParsePort(dash < 0 ? text : text[(dash + 1)..], out ushort last) || last < first)
        {
            return false;
        }

        range = new PortRange(first, last);
        return true;
    }

    /// <summary>True if the two have a port in common.</summary>
    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    /// <summary>True if all of the other's ports are its own, too.</summary>
    public bool Contains(PortRange other) => First <= other.First && other.Last <= Last;

    /// <inheritdoc/>
    [SuppressMessage("Globalization", "CA1305", Justification = "Numbers are written the same in every culture here: invariant globalization.")]
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";

    private static bool TryParsePort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;
}
