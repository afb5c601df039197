// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What may pass between networks, endpoints, the host and the world; who pings proves both ways at once.</summary>
public sealed class IsolationTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Ping = "ping -c 1 -W 1 -n";
    private const string Fetch = "curl --silent --show-error --max-time 2";

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task Networks_do_not_reach_each_others_addresses()
    {
        await _host.OkAsync("resolver network create other --subnet 172.31.0.0/24; sandbox here app --ip 172.30.0.10; sandbox there other --ip 172.31.0.10");
        await RefusedAsync($"ip netns exec here {Ping} 172.31.0.10");
        await RefusedAsync($"ip netns exec there {Ping} 172.30.0.10");
        await _host.OkAsync($"ip netns exec here {Ping} 198.51.100.53");
        await _host.OkAsync("remove here there; resolver network rm other");
    }

    [Fact]
    public async Task A_route_of_an_outsider_leads_to_no_unpublished_port()
    {
        await _host.OkAsync("""
            sandbox web app --ip 172.30.0.11 -p 8180:80
            inside web web-http busybox httpd -f -p 80 -h /run/host
            serves() { ip netns exec web curl --silent http://172.30.0.11 -o /dev/null; }
            eventually serves
            """);
        await RefusedAsync($"ip netns exec client {Fetch} http://172.30.0.11");
        await RefusedAsync($"ip netns exec client {Ping} 172.30.0.11");
        await _host.OkAsync($"ip netns exec client {Fetch} -o /dev/null http://192.0.2.1:8180");
        await _host.OkAsync("remove web");
    }

    [Fact]
    public async Task An_internal_network_has_no_way_out_and_none_in_and_asks_nobody()
    {
        await _host.OkAsync("resolver network create inner --subnet 172.29.0.0/24 --internal; sandbox a inner --ip 172.29.0.10; sandbox b inner --ip 172.29.0.11");
        Assert.Equal("", await _host.OkAsync("ip -n a route show default"));
        await _host.OkAsync($"ip netns exec a {Ping} 172.29.0.11");
        Assert.Equal("172.29.0.11", await _host.OkAsync("dig_in a +short b"));

        // Not even with a route of its own, and not to the host's own services.
        await _host.OkAsync("ip -n a route add default via 172.29.0.1; background http busybox httpd -f -p 8181 -h /run/host; sleep 0.2");
        await RefusedAsync($"ip netns exec a {Ping} 198.51.100.53");
        await RefusedAsync($"ip netns exec a {Ping} 172.29.0.1");
        await RefusedAsync($"ip netns exec a {Fetch} http://172.29.0.1:8181");
        await RefusedAsync($"ip netns exec a {Fetch} http://192.0.2.1:8181");
        await RefusedAsync($"ip netns exec client {Ping} 172.29.0.10");
        await _host.OkAsync($"{Ping} 172.29.0.10");

        string outside = await _host.OkAsync("dig_in a www.example.org");
        Assert.Contains("status: NXDOMAIN", outside, StringComparison.Ordinal);
        Assert.Contains("EDE: 15 (Blocked): (internal network: nothing is asked outside)", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("172.29.0.10", await _host.OkAsync("cat /run/host/upstream.log"), StringComparison.Ordinal);
        string refused = await _host.RefusedAsync("resolver run --network inner -p 8182:80 -- true");
        Assert.Contains("network inner is internal", refused, StringComparison.Ordinal);
        await _host.OkAsync("stop http; remove a b; resolver network rm inner");
    }

    [Fact]
    public async Task A_sandbox_of_an_internal_network_asks_a_server_beside_it_and_outside_once_it_is_connected()
    {
        await _host.OkAsync("""
            resolver network create inner2 --subnet 172.29.2.0/24 --internal
            sandbox server inner2 --ip 172.29.2.53
            inside server server-dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --listen-address=172.29.2.53 --address=/inside.test/203.0.113.9
            sandbox asker inner2 --dns 172.29.2.53
            answers() { test "$(dig_in asker +short inside.test)" = 203.0.113.9; }
            eventually answers
            """);
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in server www.example.org"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect app server");
        Assert.NotEqual("", await _host.OkAsync("dig_in server +short www.example.org"));
        await _host.OkAsync("resolver network disconnect app server");
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in server www.example.org"), StringComparison.Ordinal);
        await _host.OkAsync("remove server asker; resolver network rm inner2");
    }

    [Fact]
    public async Task An_isolated_network_has_no_address_on_the_host()
    {
        await _host.OkAsync("""
            resolver network create alone --subnet 172.28.0.0/30 --internal --opt gateway_mode_ipv4=isolated --opt bridge=alone0
            sandbox a2 alone; sandbox b2 alone
            """);
        Assert.Equal("", await _host.OkAsync("ip -4 -o address show dev alone0"));
        await _host.OkAsync($"ip netns exec a2 {Ping} b2");
        await RefusedAsync($"{Ping} 172.28.0.1");
        await _host.OkAsync("remove a2 b2; resolver network rm alone");
    }

    [Fact]
    public async Task Endpoints_are_kept_apart_where_icc_is_off_and_reached_where_they_publish()
    {
        await _host.OkAsync("""
            resolver network create apart --subnet 172.27.0.0/24 --icc=false
            sandbox c apart --ip 172.27.0.10 -p 8183:80
            sandbox d apart --ip 172.27.0.11
            inside c c-http busybox httpd -f -p 80 -h /run/host
            serves() { ip netns exec client curl --silent http://192.0.2.1:8183 -o /dev/null; }
            eventually serves
            """);
        await RefusedAsync($"ip netns exec d {Ping} 172.27.0.10");
        await RefusedAsync($"ip netns exec d {Fetch} http://172.27.0.10");
        await _host.OkAsync($"ip netns exec d {Fetch} -o /dev/null http://192.0.2.1:8183");
        await _host.OkAsync($"ip netns exec d {Ping} 198.51.100.53");
        await _host.OkAsync("remove c d; resolver network rm apart");
    }

    [Fact]
    public async Task A_routed_network_opens_what_it_publishes_at_the_endpoints_own_address()
    {
        await _host.OkAsync("""
            resolver network create public --subnet 203.0.113.128/28 --opt gateway_mode_ipv4=routed
            ip -n upstream route add 203.0.113.128/28 via 198.51.100.1
            sandbox web3 public --ip 203.0.113.130 -p 80
            inside web3 web3-http busybox httpd -f -p 80 -h /run/host
            inside web3 web3-other busybox httpd -f -p 81 -h /run/host
            serves() { ip netns exec client curl --silent http://203.0.113.130 -o /dev/null; }
            eventually serves
            """);
        await RefusedAsync($"ip netns exec client {Fetch} http://203.0.113.130:81");
        await _host.OkAsync($"ip netns exec client {Ping} 203.0.113.130");
        await _host.OkAsync("sandbox near app");
        await _host.OkAsync($"ip netns exec near {Fetch} -o /dev/null http://203.0.113.130");

        // The port is the endpoint's own, so another has it as well, and a process of the host.
        await _host.OkAsync("background own busybox httpd -f -p 80 -h /run/host; sandbox web4 public --ip 203.0.113.131 -p 80 -p 80; stop daemon; start_daemon");
        await _host.OkAsync($"ip netns exec client {Fetch} -o /dev/null http://203.0.113.130; stop own; remove web4");

        // Nothing is rewritten: the world sees the endpoint itself.
        Assert.Contains("IP 203.0.113.130 >", await SourceOfAsync("web3"), StringComparison.Ordinal);
        await _host.OkAsync("remove web3 near; ip -n upstream route del 203.0.113.128/28; resolver network rm public");
    }

    [Fact]
    public async Task Trusted_links_and_unprotected_networks_reach_every_port()
    {
        await _host.OkAsync("""
            resolver network create open --subnet 172.26.0.0/24 --opt gateway_mode_ipv4=nat-unprotected
            resolver network create trusting --subnet 172.26.1.0/24 --opt trusted=eth0
            sandbox e open --ip 172.26.0.10; sandbox f trusting --ip 172.26.1.10
            """);
        await _host.OkAsync($"ip netns exec client {Ping} 172.26.0.10");
        await _host.OkAsync($"ip netns exec client {Ping} 172.26.1.10");
        await _host.OkAsync("ip -n upstream route add 172.26.1.0/24 via 198.51.100.1");
        await RefusedAsync($"ip netns exec upstream {Ping} 172.26.1.10");
        await _host.OkAsync("ip -n upstream route del 172.26.1.0/24; remove e f; resolver network rm open trusting");
    }

    [Fact]
    public async Task Packets_leave_with_the_hosts_address_another_or_their_own()
    {
        await _host.OkAsync("""
            ip address add 198.51.100.7/24 dev eth1
            resolver network create fixed --subnet 172.25.0.0/24 --opt source_ipv4=198.51.100.7
            resolver network create kept --subnet 172.25.1.0/24 --opt masquerade=false
            ip -n upstream route add 172.25.1.0/24 via 198.51.100.1
            sandbox g app; sandbox h fixed; sandbox i kept --ip 172.25.1.10
            """);
        Assert.Contains("IP 198.51.100.1 >", await SourceOfAsync("g"), StringComparison.Ordinal);
        Assert.Contains("IP 198.51.100.7 >", await SourceOfAsync("h"), StringComparison.Ordinal);
        Assert.Contains("IP 172.25.1.10 >", await SourceOfAsync("i"), StringComparison.Ordinal);
        await _host.OkAsync("""
            remove g h i; ip -n upstream route del 172.25.1.0/24; resolver network rm fixed kept; ip address del 198.51.100.7/24 dev eth1
            """);
    }

    [Fact]
    public async Task Nobody_sends_with_an_address_that_is_not_his()
    {
        await _host.OkAsync("sandbox victim app --ip 172.30.0.60; sandbox mallory app --ip 172.30.0.61; sandbox witness app --ip 172.30.0.62");
        await _host.OkAsync("ip -n mallory address add 172.30.0.63/24 dev eth0");
        await _host.OkAsync($"ip netns exec mallory {Ping} 172.30.0.62");
        await RefusedAsync($"ip netns exec mallory {Ping} -I 172.30.0.63 172.30.0.62");

        // He says that the victim's address is his: nobody hears it.
        await _host.OkAsync($"ip netns exec witness {Ping} 172.30.0.60");
        string before = await _host.OkAsync("ip -n witness neigh show 172.30.0.60 | awk '{ print $5 }'");
        await _host.OkAsync("ip -n mallory address add 172.30.0.60/32 dev eth0; ip netns exec mallory busybox arping -U -c 2 -I eth0 172.30.0.60 || true");
        Assert.Equal(before, await _host.OkAsync("ip -n witness neigh show 172.30.0.60 | awk '{ print $5 }'"));

        await _host.OkAsync("ip -n mallory address del 172.30.0.60/32 dev eth0; ip -n mallory link set eth0 address 02:00:00:00:00:66");
        await RefusedAsync($"ip netns exec mallory {Ping} 172.30.0.62");
        await _host.OkAsync("remove victim mallory witness");
    }

    [Fact]
    public async Task A_network_that_allows_it_lets_others_addresses_pass()
    {
        await _host.OkAsync("""
            resolver network create routers --subnet 172.24.0.0/24 --opt allow_spoofing=true
            sandbox r1 routers --ip 172.24.0.10; sandbox r2 routers --ip 172.24.0.11
            ip -n r1 address add 172.24.0.77/24 dev eth0
            """);
        await _host.OkAsync($"ip netns exec r1 {Ping} -I 172.24.0.77 172.24.0.11");
        await _host.OkAsync("remove r1 r2; resolver network rm routers");
    }

    [Fact]
    public async Task Rules_of_the_user_come_before_ours_and_outlive_a_restart_of_the_daemon()
    {
        await _host.OkAsync("sandbox u app; nft add rule inet resolver user_forward ip daddr 198.51.100.53 counter drop comment mine");
        await RefusedAsync($"ip netns exec u {Ping} 198.51.100.53");
        await _host.OkAsync("stop daemon; start_daemon");
        Assert.Contains("mine", await _host.OkAsync("nft list chain inet resolver user_forward"), StringComparison.Ordinal);
        await RefusedAsync($"ip netns exec u {Ping} 198.51.100.53");
        await _host.OkAsync("nft flush chain inet resolver user_forward; remove u");
    }

    [Theory]
    [InlineData("--opt gateway_mode_ipv4=isolated", "only an internal network can do without")]
    [InlineData("--internal --opt gateway_mode_ipv4=routed", "an internal network has no outside")]
    [InlineData("--internal --opt trusted=eth0", "leave one out")]
    [InlineData("--opt masquerade=false --opt source_ipv4=192.0.2.1", "leave one out")]
    [InlineData("--opt gateway_mode_ipv4=bridge", "write nat, routed, nat-unprotected or isolated")]
    [InlineData("--opt nonsense=1", "there is no option 'nonsense'")]
    [InlineData("--ipv4=false", "needs IPv6")]
    [InlineData("--opt bridge=waytoolongforalink", "bridge")]
    [InlineData("--aux-address 172.30.9.9", "add --subnet")]
    public async Task Options_that_make_no_sense_are_refused_and_make_no_network(string options, string why)
    {
        Assert.Contains(why, await _host.RefusedAsync($"resolver network create nonsense {options}"), StringComparison.Ordinal);
        Assert.DoesNotContain("nonsense", await _host.OkAsync("resolver network ls"), StringComparison.Ordinal);
    }

    // What the world sees as the sandbox's address.
    private Task<string> SourceOfAsync(string sandbox) => _host.OkAsync($$"""
        background seen ip netns exec upstream tcpdump -l -n -i eth0 -c 1 icmp
        listening() { grep -q listening /run/host/seen.log; }
        eventually listening
        ip netns exec {{sandbox}} ping -c 1 -W 1 -n 198.51.100.53 >/dev/null || true
        eventually ended seen
        grep -oE 'IP [0-9.]+ >' /run/host/seen.log
        rm /run/host/seen.log
        """);

    private async Task RefusedAsync(string command) => Assert.NotEqual(0, (await _host.RunAsync(command)).ExitCode);
}
