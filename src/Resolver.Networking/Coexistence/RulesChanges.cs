// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Coexistence;

/// <summary>What changes of the host's ruleset mean for us.</summary>
[Flags]
public enum RulesChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>One of our tables was deleted.</summary>
    OurTables = 1,

    /// <summary>A chain that may drop our traffic, or let it through, came or was emptied.</summary>
    OthersChains = 2,

    /// <summary>More happened than could be heard of.</summary>
    Missed = 4,
}
