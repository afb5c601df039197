// SPDX-License-Identifier: Apache-2.0

using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>A chain of another program that drops what is forwarded, ours included: nothing that we accept overrules it.</summary>
/// <param name="Table">Family and table, such as <c>ip filter</c>.</param>
/// <param name="Chain">The chain, such as <c>FORWARD</c>.</param>
/// <param name="How">How it drops: <c>policy drop</c>, or its last rule.</param>
/// <param name="Maker">Whose it is, if nft(8) does not show it; else empty.</param>
/// <param name="Remedy">What lets our packets pass.</param>
internal sealed record ForeignDrop(string Table, string Chain, string How, string Maker, string Remedy)
{
    /// <summary>One that nft(8) shows.</summary>
    /// <param name="table">Family and table.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="how">How it drops.</param>
    /// <param name="listed">The chain's listing.</param>
    internal static ForeignDrop Of(string table, string chain, string how, string listed) => new(table, chain, how, "", RemedyIn(table, chain, listed));

    /// <summary>The rules that let our packets pass, by iptables(8) or one of its kin.</summary>
    internal static string AcceptBy(string program) =>
        $"{program} -I FORWARD -m devgroup --src-group {DockerUser.Group} -j ACCEPT, and the same with --dst-group";

    /// <summary>One line: what it is and what to do.</summary>
    public override string ToString() =>
        $"chain {Chain} of table {Table} {(Maker.Length == 0 ? "" : $"{Maker} ")}drops forwarded packets ({How}), and no accept in another table overrules that: "
        + $"let our bridges pass there: {Remedy}";

    // By the chain's own program: what nft writes into a table of iptables makes iptables-save fail, and what is not in a firewall's own
    // configuration is gone when it reloads.
    private static string RemedyIn(string table, string chain, string listed) => table switch
    {
        "ip filter" or "ip6 filter" when listed.Contains("ufw", StringComparison.Ordinal) => "ufw route allow in on BRIDGE, and ufw route allow out on BRIDGE",
        "ip filter" => AcceptBy("iptables"),
        "ip6 filter" => AcceptBy("ip6tables"),
        "inet firewalld" => "firewall-cmd --permanent --zone=trusted --add-interface=BRIDGE, and firewall-cmd --reload",
        _ => $"nft insert rule {table} {chain} iifgroup and 0x{LinkGroups.BridgesMask:x} == 0x{LinkGroups.Bridges:x} accept, and the same with oifgroup",
    };
}
