// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Nftables;

/// <summary>What happened to a namespace's ruleset. The events of a transaction come together, and <see cref="Committed"/> after them. The set of cases is closed.</summary>
public abstract record RulesetEvent
{
    private RulesetEvent()
    {
    }

    /// <summary>A table is gone.</summary>
    /// <param name="Table">Family and name, such as <c>inet resolver</c>.</param>
    public sealed record TableDeleted(string Table) : RulesetEvent;

    /// <summary>A chain was made.</summary>
    /// <param name="Table">Family and name of its table.</param>
    /// <param name="Chain">Its name.</param>
    public sealed record ChainAdded(string Table, string Chain) : RulesetEvent;

    /// <summary>A chain is gone.</summary>
    /// <param name="Table">Family and name of its table.</param>
    /// <param name="Chain">Its name.</param>
    public sealed record ChainDeleted(string Table, string Chain) : RulesetEvent;

    /// <summary>A rule is gone.</summary>
    /// <param name="Table">Family and name of its table.</param>
    /// <param name="Chain">The chain that it was in.</param>
    public sealed record RuleDeleted(string Table, string Chain) : RulesetEvent;

    /// <summary>A set or map is gone.</summary>
    /// <param name="Table">Family and name of its table.</param>
    /// <param name="Set">Its name.</param>
    public sealed record SetDeleted(string Table, string Set) : RulesetEvent;

    /// <summary>Elements are gone.</summary>
    /// <param name="Table">Family and name of the table.</param>
    /// <param name="Set">The set or map that they were in.</param>
    public sealed record ElementsDeleted(string Table, string Set) : RulesetEvent;

    /// <summary>That was a transaction.</summary>
    /// <param name="PortId">The number of the netlink socket by which it came.</param>
    /// <param name="Generation">The ruleset's number since.</param>
    public sealed record Committed(uint PortId, uint Generation) : RulesetEvent;

    /// <summary>More happened at once than the socket could hold: anything may have changed.</summary>
    public sealed record Lost : RulesetEvent;
}
