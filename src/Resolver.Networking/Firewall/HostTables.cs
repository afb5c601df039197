// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>
/// The host's tables as text for libnftables. All that changes are elements of sets and maps, so that a packet and a change cost the same
/// with one network and with a thousand. Pure.
/// </summary>
internal static class HostTables
{
    /// <summary>The table of routed traffic.</summary>
    internal const string Table = "inet resolver";

    /// <summary>The table of traffic that the bridges switch.</summary>
    internal const string BridgeTable = "bridge resolver";

    /// <summary>
    /// Makes the tables, or brings their rules up to date in one transaction; elements stay, and so does what stands in the chains named user_….
    /// Be aware: a chain's order is its meaning.
    /// </summary>
    internal const string Install = Sets + Translation + Filter + Switching;

    /// <summary>Takes the tables away, whether they are there or not.</summary>
    internal const string Remove = """
        add table inet resolver
        delete table inet resolver
        add table bridge resolver
        delete table bridge resolver

        """;

    /// <summary>Empties every set and map; in one transaction with <see cref="Install"/> and all elements, what is there becomes exactly what should be.</summary>
    internal static string Flush { get; } = string.Concat(
        Install.Split('\n')
            .Select(line => line.Split(' '))
            .Where(words => words is ["add", "set" or "map", _, _, _, ..])
            .Select(words => $"flush {words[1]} {words[2]} {words[3]} {words[4]}\n"));

    private static readonly FrozenDictionary<string, NftablesSet> AllSets = Install.Split('\n')
        .Where(line => line.StartsWith("add set ", StringComparison.Ordinal) || line.StartsWith("add map ", StringComparison.Ordinal))
        .Select(line => (Words: line.Split(' '), IsInterval: line.Contains("flags interval", StringComparison.Ordinal)))
        .Select(set => new NftablesSet(set.Words[2] == "bridge" ? NftablesFamily.Bridge : NftablesFamily.Inet, set.Words[3], set.Words[4], set.IsInterval))
        .ToFrozenDictionary(set => set.Name);

    /// <summary>The names of all sets and maps of our tables, each with its table: <c>inet resolver published4</c>.</summary>
    internal static IEnumerable<string> SetNames => AllSets.Values.Select(set => set.ToString());

    /// <summary>A set or map of our tables by its name, which no other has.</summary>
    internal static NftablesSet SetOf(string name) => AllSets[name];

    private const string Sets = """
        add table inet resolver
        add set inet resolver bridges { type ifname; comment "the bridges of our networks"; }
        add set inet resolver peers { type ifname . ifname; comment "each bridge with itself, if its endpoints may talk to each other"; }
        add set inet resolver internal { type ifname; comment "the bridges without a way out or in"; }
        add set inet resolver trusted { type ifname . ifname; comment "links of the host and the bridges that they may reach into"; }
        add set inet resolver unprotected4 { type ifname; comment "bridges whose endpoints are reached at every port"; }
        add set inet resolver unprotected6 { type ifname; comment "bridges whose endpoints are reached at every port"; }
        add set inet resolver routed4 { type ifname; comment "bridges whose addresses are not rewritten"; }
        add set inet resolver routed6 { type ifname; comment "bridges whose addresses are not rewritten"; }
        add set inet resolver open4 { type ipv4_addr . inet_proto . inet_service; comment "published ports of routed networks"; }
        add set inet resolver open6 { type ipv6_addr . inet_proto . inet_service; comment "published ports of routed networks"; }
        add set inet resolver open_ranges4 { type ipv4_addr . inet_proto . inet_service; flags interval; comment "published ranges of routed networks"; }
        add set inet resolver open_ranges6 { type ipv6_addr . inet_proto . inet_service; flags interval; comment "published ranges of routed networks"; }
        add set inet resolver subnets4 { type ipv4_addr; flags interval; comment "subnets that leave with the host's address"; }
        add set inet resolver subnets6 { type ipv6_addr; flags interval; comment "subnets that leave with the host's address"; }
        add map inet resolver source4 { type ipv4_addr : ipv4_addr; flags interval; comment "subnets that leave with an address of their own"; }
        add map inet resolver source6 { type ipv6_addr : ipv6_addr; flags interval; comment "subnets that leave with an address of their own"; }
        add set inet resolver same_subnet4 { type ipv4_addr . ifname; flags interval; comment "each subnet with its bridge: traffic that comes back to where it came from"; }
        add set inet resolver same_subnet6 { type ipv6_addr . ifname; flags interval; comment "each subnet with its bridge: traffic that comes back to where it came from"; }
        add map inet resolver published4 { type inet_proto . inet_service : ipv4_addr . inet_service; comment "ports on every address of the host"; }
        add map inet resolver published6 { type inet_proto . inet_service : ipv6_addr . inet_service; comment "ports on every address of the host"; }
        add map inet resolver published4_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; comment "ports on one address of the host"; }
        add map inet resolver published6_at { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; comment "ports on one address of the host"; }
        add map inet resolver tcp_ranges4 { type inet_service : ipv4_addr; flags interval; comment "TCP ranges on every address of the host, led to the same ports"; }
        add map inet resolver tcp_ranges6 { type inet_service : ipv6_addr; flags interval; comment "TCP ranges on every address of the host, led to the same ports"; }
        add map inet resolver udp_ranges4 { type inet_service : ipv4_addr; flags interval; comment "UDP ranges on every address of the host, led to the same ports"; }
        add map inet resolver udp_ranges6 { type inet_service : ipv6_addr; flags interval; comment "UDP ranges on every address of the host, led to the same ports"; }
        add map inet resolver ranges4_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr; flags interval; comment "ranges on one address of the host, led to the same ports"; }
        add map inet resolver ranges6_at { type ipv6_addr . inet_proto . inet_service : ipv6_addr; flags interval; comment "ranges on one address of the host, led to the same ports"; }

        """;

    // A published port on one address wins over the same on all, a single port over a range.
    private const string Translation = """
        add chain inet resolver raw_prerouting { type filter hook prerouting priority raw; }
        add chain inet resolver prerouting { type nat hook prerouting priority dstnat; }
        add chain inet resolver output { type nat hook output priority -100; }
        add chain inet resolver publish
        add chain inet resolver postrouting { type nat hook postrouting priority srcnat; }
        flush chain inet resolver raw_prerouting
        flush chain inet resolver prerouting
        flush chain inet resolver output
        flush chain inet resolver publish
        flush chain inet resolver postrouting
        add rule inet resolver raw_prerouting meta iifgroup and 0xfffffff0 == 0x52530010 ip daddr 127.0.0.0/8 drop comment "our bridges route 127.0.0.0/8 for the host's sake alone"
        add rule inet resolver prerouting iifname != "lo" ip daddr 127.0.0.0/8 return comment "what is published on 127.0.0.1 is the host's alone"
        add rule inet resolver prerouting ip6 saddr fe80::/10 return comment "an endpoint could not answer an address of the link behind its gateway"
        add rule inet resolver prerouting fib daddr type local goto publish
        add rule inet resolver output ip6 daddr ::1 return comment "the kernel answers no ::1 from elsewhere: relayed instead"
        add rule inet resolver output fib daddr type local goto publish
        add rule inet resolver publish dnat ip to ip daddr . meta l4proto . th dport map @published4_at
        add rule inet resolver publish dnat ip to meta l4proto . th dport map @published4
        add rule inet resolver publish dnat ip to ip daddr . meta l4proto . th dport map @ranges4_at
        add rule inet resolver publish meta nfproto ipv4 dnat ip to tcp dport map @tcp_ranges4
        add rule inet resolver publish meta nfproto ipv4 dnat ip to udp dport map @udp_ranges4
        add rule inet resolver publish dnat ip6 to ip6 daddr . meta l4proto . th dport map @published6_at
        add rule inet resolver publish dnat ip6 to meta l4proto . th dport map @published6
        add rule inet resolver publish dnat ip6 to ip6 daddr . meta l4proto . th dport map @ranges6_at
        add rule inet resolver publish meta nfproto ipv6 dnat ip6 to tcp dport map @tcp_ranges6
        add rule inet resolver publish meta nfproto ipv6 dnat ip6 to udp dport map @udp_ranges6
        add rule inet resolver postrouting oifname != @bridges snat ip to ip saddr map @source4
        add rule inet resolver postrouting oifname != @bridges snat ip6 to ip6 saddr map @source6
        add rule inet resolver postrouting ip saddr @subnets4 oifname != @bridges masquerade comment "leaves a network by another interface"
        add rule inet resolver postrouting ip6 saddr @subnets6 oifname != @bridges masquerade comment "leaves a network by another interface"
        add rule inet resolver postrouting oifname @bridges ct status dnat ip saddr 127.0.0.0/8 masquerade comment "the host's own 127.0.0.1:PORT"
        add rule inet resolver postrouting ip saddr . oifname @same_subnet4 ct status dnat masquerade comment "hairpin: the answer must come back through the host"
        add rule inet resolver postrouting ip6 saddr . oifname @same_subnet6 ct status dnat masquerade comment "hairpin: the answer must come back through the host"

        """;

    private const string Filter = """
        add chain inet resolver user_forward { comment "yours: reached before our own verdicts, never touched by us"; }
        add chain inet resolver user_input { comment "yours: reached before our own verdicts, never touched by us"; }
        add chain inet resolver forward { type filter hook forward priority filter; }
        add chain inet resolver input { type filter hook input priority filter; }
        flush chain inet resolver forward
        flush chain inet resolver input
        add rule inet resolver forward meta iifgroup and 0xfffffff0 != 0x52530010 meta oifgroup and 0xfffffff0 != 0x52530010 accept comment "none of ours"
        add rule inet resolver forward jump user_forward
        add rule inet resolver forward meta iifgroup 0x52530012 ct status dnat meta mark set meta mark or 0x20000000 comment "with br_netfilter a published port is reached without leaving the bridge"
        add rule inet resolver forward ct state established,related accept
        add rule inet resolver forward iifname . oifname @peers accept
        add rule inet resolver forward iifname @internal drop comment "no way out"
        add rule inet resolver forward oifname @internal drop comment "no way in"
        add rule inet resolver forward ct status dnat accept comment "published"
        add rule inet resolver forward iifname . oifname @trusted accept
        add rule inet resolver forward meta nfproto ipv4 oifname @unprotected4 accept
        add rule inet resolver forward meta nfproto ipv6 oifname @unprotected6 accept
        add rule inet resolver forward ip daddr . meta l4proto . th dport @open4 accept
        add rule inet resolver forward ip6 daddr . meta l4proto . th dport @open6 accept
        add rule inet resolver forward ip daddr . meta l4proto . th dport @open_ranges4 accept
        add rule inet resolver forward ip6 daddr . meta l4proto . th dport @open_ranges6 accept
        add rule inet resolver forward meta l4proto icmp oifname @routed4 accept
        add rule inet resolver forward meta l4proto icmpv6 oifname @routed6 accept
        add rule inet resolver forward oifname @bridges drop comment "another network, or an unpublished port from outside"
        add rule inet resolver input meta iifgroup and 0xfffffff0 != 0x52530010 accept comment "none of ours"
        add rule inet resolver input jump user_input
        add rule inet resolver input iifname != @internal accept
        add rule inet resolver input ct state established,related accept comment "what the host asked for"
        add rule inet resolver input icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept comment "or the host could not reach its own network"
        add rule inet resolver input drop comment "the host's services are outside an internal network"

        """;

    // Forwarding is judged behind br_netfilter's own hook, in which the table of routed traffic marks what was published.
    // Before connection tracking and routing, where a frame still has the port it came in by. Which ports these are says their link group, so
    // that no element is needed for it. What is not IP or ARP is dropped too: a tag or a tunnel in between would hide the addresses.
    private const string Switching = """
        add table bridge resolver
        add set bridge resolver own4 { type ifname . ether_addr . ipv4_addr; comment "ports with the addresses that are theirs"; }
        add set bridge resolver own6 { type ifname . ether_addr . ipv6_addr; comment "ports with the addresses that are theirs"; }
        add set bridge resolver own_targets6 { typeof iifname . ether saddr . @th,64,128; comment "the same as numbers, as the target of a neighbour advertisement"; }
        add chain bridge resolver prerouting { type filter hook prerouting priority -300; }
        add chain bridge resolver guard
        add chain bridge resolver guard_neighbours
        add chain bridge resolver forward { type filter hook forward priority 10; }
        add chain bridge resolver output { type filter hook output priority filter; }
        flush chain bridge resolver output
        flush chain bridge resolver prerouting
        flush chain bridge resolver guard
        flush chain bridge resolver guard_neighbours
        flush chain bridge resolver forward
        add rule bridge resolver prerouting meta iifgroup and 0xfffffffd == 0x52530001 goto guard
        add rule bridge resolver guard iifname . ether saddr . ip saddr @own4 accept
        add rule bridge resolver guard ether type arp iifname . ether saddr . arp saddr ip @own4 iifname . arp saddr ether . arp saddr ip @own4 accept
        add rule bridge resolver guard icmpv6 type { nd-router-advert, nd-redirect } drop comment "the host is the only router"
        add rule bridge resolver guard icmpv6 type nd-neighbor-advert goto guard_neighbours
        add rule bridge resolver guard iifname . ether saddr . ip6 saddr @own6 accept
        add rule bridge resolver guard ip6 saddr :: icmpv6 type { nd-neighbor-solicit, mld-listener-report, mld2-listener-report } accept comment "before it has an address"
        add rule bridge resolver guard drop comment "an address that is not the port's"
        add rule bridge resolver guard_neighbours iifname . ether saddr . @th,64,128 @own_targets6 accept
        add rule bridge resolver guard_neighbours drop comment "an answer for somebody else's address"
        add rule bridge resolver forward meta iifgroup and 0xfffffffe != 0x52530002 accept
        add rule bridge resolver forward meta mark and 0x20000000 != 0 accept comment "published, so not to one of them alone"
        add rule bridge resolver forward drop comment "endpoints that are kept apart"
        add rule bridge resolver output meta mark and 0x10000000 == 0 accept comment "no announcement of an endpoint's addresses"
        add rule bridge resolver output oifname . ether saddr . arp saddr ip @own4 drop comment "not to the endpoint itself"
        add rule bridge resolver output icmpv6 type nd-neighbor-advert oifname . ether saddr . @th,64,128 @own_targets6 drop comment "not to the endpoint itself"

        """;
}
