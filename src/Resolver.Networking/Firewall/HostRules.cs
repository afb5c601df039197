// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Networking.Firewall;

/// <summary>
/// The host's table <c>inet resolver</c> as text for libnftables. All that changes are elements of sets and maps, so that a packet and a change
/// cost the same with one network and with a thousand. Pure.
/// </summary>
internal static class HostRules
{
    /// <summary>The table's name.</summary>
    internal const string Table = "inet resolver";

    /// <summary>
    /// Makes the table, or brings its rules up to date in one transaction; elements stay. Be aware: a chain's order is its meaning.
    /// </summary>
    internal const string Install = """
        add table inet resolver
        add set inet resolver bridges { type ifname; comment "the bridges of our networks"; }
        add set inet resolver same_bridge { type ifname . ifname; comment "each bridge with itself: traffic that stays in its network"; }
        add set inet resolver subnets { type ipv4_addr; flags interval; comment "the subnets of our networks"; }
        add set inet resolver same_subnet { type ipv4_addr . ifname; flags interval; comment "each subnet with its bridge: traffic that comes back to where it came from"; }
        add map inet resolver published { type inet_proto . inet_service : ipv4_addr . inet_service; comment "ports on every address of the host"; }
        add map inet resolver published_at { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; comment "ports on one address of the host"; }
        add chain inet resolver raw_prerouting { type filter hook prerouting priority raw; }
        add chain inet resolver prerouting { type nat hook prerouting priority dstnat; }
        add chain inet resolver output { type nat hook output priority -100; }
        add chain inet resolver postrouting { type nat hook postrouting priority srcnat; }
        add chain inet resolver forward { type filter hook forward priority filter; }
        flush chain inet resolver raw_prerouting
        flush chain inet resolver prerouting
        flush chain inet resolver output
        flush chain inet resolver postrouting
        flush chain inet resolver forward
        add rule inet resolver raw_prerouting iifname @bridges ip daddr 127.0.0.0/8 drop comment "our bridges route 127.0.0.0/8 for the host's sake alone"
        add rule inet resolver prerouting iifname != "lo" ip daddr 127.0.0.0/8 return comment "what is published on 127.0.0.1 is the host's alone"
        add rule inet resolver prerouting fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @published_at
        add rule inet resolver prerouting fib daddr type local dnat ip to meta l4proto . th dport map @published
        add rule inet resolver output fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @published_at
        add rule inet resolver output fib daddr type local dnat ip to meta l4proto . th dport map @published
        add rule inet resolver postrouting ip saddr @subnets oifname != @bridges masquerade comment "leaves a network by another interface"
        add rule inet resolver postrouting oifname @bridges ct status dnat ip saddr 127.0.0.0/8 masquerade comment "the host's own 127.0.0.1:PORT"
        add rule inet resolver postrouting ip saddr . oifname @same_subnet ct status dnat masquerade comment "hairpin: the answer must come back through the host"
        add rule inet resolver forward iifname != @bridges oifname != @bridges accept comment "none of ours"
        add rule inet resolver forward ct state established,related accept
        add rule inet resolver forward ct status dnat accept comment "published"
        add rule inet resolver forward iifname . oifname @same_bridge accept
        add rule inet resolver forward oifname @bridges drop comment "another network, or an unpublished port from outside"
        """;

    /// <summary>Makes a network's bridge and subnets known. What is known already is no error.</summary>
    internal static string AddNetwork(Network network) => Elements("add", network);

    /// <summary>Takes them back. Adding first makes a deletion of what is gone no error.</summary>
    internal static string RemoveNetwork(Network network) => Elements("add", network) + Elements("delete", network);

    /// <summary>One line a published port.</summary>
    internal static string Publish(PublishedPort port, IPAddress address) => string.Create(
        CultureInfo.InvariantCulture, $"add element {Table} {MapOf(port)} {{ {KeyOf(port)} : {address} . {port.EndpointPort} }}\n");

    /// <summary>Takes a published port back; one that is gone is no error.</summary>
    internal static string Unpublish(PublishedPort port, IPAddress address) =>
        $"{Publish(port, address)}delete element {Table} {MapOf(port)} {{ {KeyOf(port)} }}\n";

    /// <summary>The element as `nft list map` prints it.</summary>
    internal static string Listed(PublishedPort port, IPAddress address) =>
        string.Create(CultureInfo.InvariantCulture, $"{KeyOf(port)} : {address} . {port.EndpointPort}");

    /// <summary>The map that holds a port: by address wins over any address because its rule comes first.</summary>
    internal static string MapOf(PublishedPort port) => port.HostAddress.Equals(IPAddress.Any) ? "published" : "published_at";

    // By source address, not by incoming bridge: the kernel does not tell the postrouting hook reliably where a packet came from.
    private static string Elements(string verb, Network network)
    {
        InterfaceName bridge = network.Bridge;
        string text = $$"""
            {{verb}} element inet resolver bridges { "{{bridge}}" }
            {{verb}} element inet resolver same_bridge { "{{bridge}}" . "{{bridge}}" }

            """;
        foreach (NetworkSubnet subnet in network.Subnets.Where(subnet => subnet.Subnet.IsIPv4))
        {
            text += $$"""
                {{verb}} element inet resolver subnets { {{subnet.Subnet}} }
                {{verb}} element inet resolver same_subnet { {{subnet.Subnet}} . "{{bridge}}" }

                """;
        }

        return text;
    }

    private static string KeyOf(PublishedPort port)
    {
        string key = string.Create(
            CultureInfo.InvariantCulture, $"{(port.Protocol == TransportProtocol.Tcp ? "tcp" : "udp")} . {port.HostPort}");
        return port.HostAddress.Equals(IPAddress.Any) ? key : $"{port.HostAddress} . {key}";
    }
}
