// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>Networks with IPv6, beside IPv4 and alone.</summary>
public sealed class IPv6Tests(DualStackHost dual) : IClassFixture<DualStackHost>
{
    private const string Ping = "ping -c 1 -W 1 -n";
    private const string Fetch = "curl --silent --show-error --globoff --max-time 2 -o /dev/null";

    private readonly HostNamespace _host = dual.Host;

    [Fact]
    public async Task Peers_have_both_families_at_once_without_waiting_for_duplicate_detection()
    {
        await _host.OkAsync("sandbox one dual --ip 172.30.0.10 --ip fd00:30::10; sandbox two dual");
        Assert.Equal("172.30.0.10", await _host.OkAsync("dig_in two +short one A"));
        Assert.Equal("fd00:30::10", await _host.OkAsync("dig_in two +short one AAAA"));
        Assert.Equal("one.dual.", await _host.OkAsync("dig_in two +short -x fd00:30::10"));
        Assert.DoesNotContain("tentative", await _host.OkAsync("ip -n one -6 address show dev eth0 scope global"), StringComparison.Ordinal);
        await _host.OkAsync($"ip netns exec two {Ping} fd00:30::10; ip netns exec two {Ping} 172.30.0.10");
        await _host.OkAsync($"ip netns exec two {Ping} fd00:30::1");
        await _host.OkAsync("remove one two");
    }

    [Fact]
    public async Task The_world_is_reached_with_the_hosts_address_and_reaches_nothing()
    {
        await _host.OkAsync("sandbox out dual --ip fd00:30::20");
        await _host.OkAsync($"ip netns exec out {Ping} 2001:db8:2::53");
        await RefusedAsync($"ip netns exec client {Ping} fd00:30::20");
        await _host.OkAsync("remove out");
    }

    [Fact]
    public async Task Ports_are_published_on_both_families()
    {
        await _host.OkAsync("""
            sandbox web dual -p 8080:80
            inside web web-http busybox httpd -f -p '[::]:80' -h /run/host
            serves() { ip netns exec client curl --silent --globoff 'http://[2001:db8:1::1]:8080' -o /dev/null; }
            eventually serves
            """);
        Assert.Contains("0.0.0.0:8080->80/tcp", await _host.OkAsync("resolver ps"), StringComparison.Ordinal);
        Assert.Contains("[::]:8080->80/tcp", await _host.OkAsync("resolver ps"), StringComparison.Ordinal);
        await _host.OkAsync($"ip netns exec client {Fetch} http://192.0.2.1:8080");
        await _host.OkAsync($"{Fetch} 'http://[2001:db8:1::1]:8080'");
        await _host.OkAsync($"ip netns exec web {Fetch} 'http://[2001:db8:1::1]:8080'");
        await _host.OkAsync("remove web");
    }

    [Fact]
    public async Task A_network_without_IPv4_has_names_ports_and_the_responder()
    {
        await _host.OkAsync("""
            resolver network create six --ipv4=false --subnet fd00:66::/64
            sandbox s1 six -p '[::]:8090:80'; sandbox s2 six --dns '2001:db8:2::53'
            inside s1 s1-http busybox httpd -f -p '[::]:80' -h /run/host
            background six-dns ip netns exec upstream dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --listen-address=2001:db8:2::53 --address=/six.test/2001:db8::6
            serves() { ip netns exec client curl --silent --globoff 'http://[2001:db8:1::1]:8090' -o /dev/null; }
            eventually serves
            answers() { test "$(dig_in s2 +short six.test AAAA)" = 2001:db8::6; }
            eventually answers
            """);
        Assert.Equal("", await _host.OkAsync("ip -n s2 -4 address show dev eth0"));
        string address = await _host.OkAsync("dig_in s2 +short s1 AAAA");
        Assert.StartsWith("fd00:66::", address, StringComparison.Ordinal);
        Assert.Contains("NOERROR", await _host.OkAsync("dig_in s2 s1 A"), StringComparison.Ordinal);
        await _host.OkAsync($"ip netns exec s2 {Ping} s1");
        await _host.OkAsync("stop six-dns; remove s1 s2; resolver network rm six");
    }

    [Fact]
    public async Task Subnets_come_from_one_unique_local_prefix_over_restarts()
    {
        await _host.OkAsync("resolver network create auto1 --ipv6; stop daemon; start_daemon; resolver network create auto2 --ipv6");
        string first = await PrefixAsync("auto1");
        string second = await PrefixAsync("auto2");
        Assert.Matches("^fd[0-9a-f]{2}:[0-9a-f:]+/64$", first);
        Assert.NotEqual(first, second);
        Assert.Equal(string.Join(':', first.Split(':')[..3]), string.Join(':', second.Split(':')[..3]));
        await _host.OkAsync("resolver network rm auto1 auto2");
    }

    [Fact]
    public async Task A_network_without_IPv6_gives_none_and_lets_none_pass()
    {
        await _host.OkAsync("resolver network create four --subnet 172.23.0.0/24; sandbox f1 four; sandbox f2 four");
        Assert.Equal("", await _host.OkAsync("ip -n f1 -6 address show dev eth0"));
        await _host.OkAsync("ip -n f1 -6 address add fd00:9::1/64 dev eth0 nodad; ip -n f2 -6 address add fd00:9::2/64 dev eth0 nodad");
        await RefusedAsync($"ip netns exec f1 {Ping} fd00:9::2");
        await _host.OkAsync("remove f1 f2; resolver network rm four");
    }

    [Fact]
    public async Task Nobody_answers_for_a_neighbours_address()
    {
        await _host.OkAsync("sandbox v dual --ip fd00:30::30; sandbox m dual --ip fd00:30::31; sandbox w dual --ip fd00:30::32");
        await RefusedAsync($"ip -n m -6 address add fd00:30::33/64 dev eth0 nodad; ip netns exec m {Ping} -I fd00:30::33 fd00:30::32");

        // The victim is silent, and its address somebody else's: the question for it goes unanswered.
        await _host.OkAsync("ip -n v link set eth0 down; ip -n m -6 address add fd00:30::30/64 dev eth0 nodad");
        await RefusedAsync($"ip netns exec w {Ping} fd00:30::30");
        await _host.OkAsync("remove v m w");
    }

    [Fact]
    public async Task Default_routes_follow_priority_in_each_family()
    {
        await _host.OkAsync("""
            resolver network create low --subnet 172.22.0.0/24
            resolver network create high --subnet 172.22.1.0/24 --subnet fd00:22::/64
            sandbox p low
            """);
        Assert.Contains("via 172.22.0.1 ", await _host.OkAsync("ip -n p route show default"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect high p");
        Assert.Contains("via 172.22.0.1 ", await _host.OkAsync("ip -n p route show default"), StringComparison.Ordinal);
        Assert.Contains("via fd00:22::1 ", await _host.OkAsync("ip -n p -6 route show default"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect high p; resolver network connect high p --gw-priority 1");
        Assert.Contains("via 172.22.1.1 ", await _host.OkAsync("ip -n p route show default"), StringComparison.Ordinal);

        // A name on both networks is that of the first.
        await _host.OkAsync("resolver register low x --ip 203.0.113.1; resolver register high x --ip 203.0.113.2");
        Assert.Equal("203.0.113.2", await _host.OkAsync("dig_in p +short x"));
        Assert.Equal("203.0.113.1", await _host.OkAsync("dig_in p +short x.low"));
        await _host.OkAsync("resolver network disconnect high p");
        Assert.Equal("203.0.113.1", await _host.OkAsync("dig_in p +short x"));
        Assert.Contains("via 172.22.0.1 ", await _host.OkAsync("ip -n p route show default"), StringComparison.Ordinal);
        Assert.Equal("", await _host.OkAsync("ip -n p -6 route show default"));
        await _host.OkAsync("resolver deregister low x; resolver deregister high x; remove p; resolver network rm low high");
    }

    private Task<string> PrefixAsync(string network) =>
        _host.OkAsync($"resolver network inspect {network} | grep -oE '\"fd[0-9a-f:]+/64\"' | tr -d '\"'");

    private async Task RefusedAsync(string command) => Assert.NotEqual(0, (await _host.RunAsync(command)).ExitCode);
}
