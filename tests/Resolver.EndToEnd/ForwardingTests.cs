// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

public sealed class ForwardingTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task An_answer_too_big_for_a_datagram_comes_over_tcp()
    {
        await _host.OkAsync("sandbox big app");
        string text = await _host.OkAsync("dig_in big +short big.example.org TXT | tr -d '\" \\n' | wc -c");
        Assert.Equal(Upstream.BigTextOctets, int.Parse(text, CultureInfo.InvariantCulture));
        Assert.Contains("flags: qr tc", await _host.OkAsync("dig_in big +ignore +noedns big.example.org TXT"), StringComparison.Ordinal);
        await _host.OkAsync("remove big");
    }

    [Fact]
    public async Task When_no_upstream_answers_the_reply_is_servfail_within_four_seconds()
    {
        // A network of its own whose upstream is an address of the LAN that nobody has.
        await _host.OkAsync("resolver network create dead --subnet 172.30.20.0/24 --dns 192.0.2.99; sandbox waiting dead");
        long start = Stopwatch.GetTimestamp();
        string answer = await _host.OkAsync("ip netns exec waiting dig +tries=1 +time=10 www.example.org");
        Assert.Contains("status: SERVFAIL", answer, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(4.5));
        Assert.NotEqual("", await _host.OkAsync("dig_in waiting +short waiting"));
        await _host.OkAsync("remove waiting");
        await _host.OkAsync("resolver network rm dead");
    }

    [Fact]
    public async Task The_upstream_of_a_network_takes_the_place_of_the_hosts()
    {
        await _host.OkAsync("""
            background second ip netns exec client dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --listen-address=192.0.2.2 --address=/www.example.org/203.0.113.81
            eventually ip netns exec client dig +tries=1 +time=1 @192.0.2.2 www.example.org
            resolver network create chosen --subnet 172.30.21.0/24 --dns 192.0.2.2
            sandbox chooser chosen
            """);
        Assert.Equal("203.0.113.81", await _host.OkAsync("dig_in chooser +short www.example.org"));
        await _host.OkAsync("remove chooser");
        await _host.OkAsync("resolver network rm chosen; stop second");
    }

    [Fact]
    public async Task On_the_default_network_peers_have_no_names_but_outside_names_are_answered()
    {
        await _host.OkAsync("""
            ip netns add left; ip netns add right
            resolver network connect bridge --netns /run/netns/left --name left
            resolver network connect bridge --netns /run/netns/right --name right
            """);
        Assert.Equal(Upstream.OutsideAddress, await _host.OkAsync("dig_in left +short www.example.org"));
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in left right"), StringComparison.Ordinal);
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in left right.bridge"), StringComparison.Ordinal);
        string right = await _host.OkAsync("ip -n right -o -4 address show dev eth0 | awk '{ print $4 }' | cut -d/ -f1");
        await _host.OkAsync($"ip netns exec left ping -c 1 -W 2 {right}");
        await _host.OkAsync("resolver network disconnect bridge left; resolver network disconnect bridge right; ip netns del left; ip netns del right");
    }

    [Fact]
    public async Task The_default_network_is_the_one_when_none_is_named()
    {
        await _host.OkAsync("ip netns add plain; resolver network connect --netns /run/netns/plain --name plain");
        Assert.Contains("plain", await _host.OkAsync("resolver network inspect bridge"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect bridge plain; ip netns del plain");
    }

    [Fact]
    public async Task Port_53_of_a_sandbox_stays_free_for_its_own_server()
    {
        await _host.OkAsync("""
            sandbox own app --ip 172.30.0.53
            sandbox peer app
            inside own own-dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --address=/inner.test/203.0.113.9
            answers() { test "$(dig_in peer +short @172.30.0.53 inner.test)" = 203.0.113.9; }
            eventually answers
            """);
        Assert.Equal("203.0.113.9", await _host.OkAsync("dig_in own +short @127.0.0.1 inner.test"));
        Assert.Equal("203.0.113.9", await _host.OkAsync("dig_in own +short +tcp @127.0.0.1 inner.test"));
        Assert.Equal("172.30.0.53", await _host.OkAsync("dig_in own +short own"));
        Assert.Equal("172.30.0.53", await _host.OkAsync("dig_in own +short +tcp own"));
        Assert.Equal("203.0.113.9", await _host.OkAsync("dig_in peer +short +tcp @172.30.0.53 inner.test"));
        await _host.OkAsync("remove own peer");
    }

    [Fact]
    public async Task Questions_leave_no_trace_in_connection_tracking()
    {
        await _host.OkAsync("sandbox traceless app; dig_in traceless +short traceless; dig_in traceless +short +tcp traceless");
        Assert.Equal("", await _host.OkAsync("ip netns exec traceless cat /proc/net/nf_conntrack | grep -F 127.0.0.11 || true"));
        await _host.OkAsync("remove traceless");
    }

    [Fact]
    public async Task The_hosts_resolv_conf_is_followed_as_it_changes()
    {
        await _host.OkAsync("""
            sandbox follower app
            background third ip netns exec client dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --listen-address=192.0.2.2 --port=53 --address=/moved.example.org/203.0.113.82
            eventually ip netns exec client dig +tries=1 +time=1 @192.0.2.2 moved.example.org
            """);
        Assert.Equal("", await _host.OkAsync("dig_in follower +short moved.example.org"));
        await _host.OkAsync("""
            echo nameserver 192.0.2.2 >/etc/resolv.conf
            moved() { test "$(dig_in follower +short moved.example.org)" = 203.0.113.82; }
            eventually moved
            echo nameserver 198.51.100.53 >/etc/resolv.conf
            back() { test "$(dig_in follower +short www.example.org)" = 203.0.113.80; }
            eventually back
            stop third
            """);
        await _host.OkAsync("remove follower");
    }
}
