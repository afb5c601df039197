// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Networking.Coexistence;

/// <summary>What others did to the host's ruleset, as far as it concerns us.</summary>
public sealed record RulesChanges
{
    private const int MostNamed = 4;

    internal static RulesChanges None { get; } = new();

    /// <summary>What they deleted of our tables, in the words of nft: <c>table inet resolver</c>, <c>elements of inet resolver published4</c>.</summary>
    public ImmutableSortedSet<string> Deleted { get; internal init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>True if a chain that may drop our traffic, or let it through, came or was emptied.</summary>
    public bool ChangedOthers { get; internal init; }

    /// <summary>True if more happened than could be heard of, and not by our own doing alone.</summary>
    public bool MissedSome { get; internal init; }

    internal bool IsNone => Deleted.IsEmpty && !ChangedOthers && !MissedSome;

    /// <summary>The first few of what was deleted, for a message.</summary>
    public string DeletedText =>
        string.Join(", ", Deleted.Take(MostNamed)) + (Deleted.Count > MostNamed ? $" and {Deleted.Count - MostNamed} more" : "");

    internal RulesChanges And(RulesChanges other) => new()
    {
        Deleted = Deleted.Union(other.Deleted),
        ChangedOthers = ChangedOthers || other.ChangedOthers,
        MissedSome = MissedSome || other.MissedSome,
    };
}
