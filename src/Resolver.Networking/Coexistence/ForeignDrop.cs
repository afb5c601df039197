// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Coexistence;

/// <summary>A chain of another program that drops what is forwarded, ours included: nothing that we accept overrules it.</summary>
/// <param name="Table">Family and table, such as <c>ip filter</c>.</param>
/// <param name="Chain">The chain, such as <c>FORWARD</c>.</param>
/// <param name="How">How it drops: <c>policy drop</c>, or its last rule.</param>
public sealed record ForeignDrop(string Table, string Chain, string How)
{
    /// <summary>One line: what it is and what to do.</summary>
    public override string ToString() =>
        $"chain {Chain} of table {Table} drops forwarded packets ({How}), and no accept in another table overrules that: "
        + "let packets of link group 0x52530010 pass there";
}
