// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>Who is asked for names of outside, from where, and how.</summary>
public sealed class UpstreamTests(ManyUpstreams many) : IClassFixture<ManyUpstreams>
{
    // A server with one answer to every name below example.org: one NAME NAMESPACE ADDRESS ANSWER
    private const string One = """
        one() {
          background "$1" ip netns exec "$2" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
            --bind-interfaces --listen-address="$3" --except-interface=nothing --log-queries --log-facility=- --address="/example.org/$4"
          eventually ip netns exec "$2" dig +tries=1 +time=1 @"$3" up.example.org
        }

        """;

    private readonly HostNamespace _host = many.Host;

    [Fact]
    public async Task An_upstream_is_dialled_from_the_sandbox_so_that_a_peer_may_be_one()
    {
        await _host.OkAsync(One + """
            sandbox server app --ip 172.30.0.53
            one peer-dns server 172.30.0.53 203.0.113.1
            sandbox asker app --dns 172.30.0.53
            """);
        Assert.Equal("203.0.113.1", await _host.OkAsync("dig_in asker +short www.example.org"));
        Assert.Equal("203.0.113.1", await _host.OkAsync("dig_in asker +short +tcp other.example.org"));
        string source = await _host.OkAsync("resolver network inspect app | grep -F asker || true; ip -n asker -o -4 address show dev eth0 | awk '{ print $4 }' | cut -d/ -f1");
        Assert.Contains($"from {source.Split('\n')[^1]}", await _host.OkAsync("cat /run/host/peer-dns.log"), StringComparison.Ordinal);
        await _host.OkAsync("stop peer-dns; remove asker server");
    }

    [Fact]
    public async Task The_loopback_of_the_sandbox_and_that_of_the_host_are_two()
    {
        await _host.OkAsync(One + """
            background host-dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces \
              --listen-address=127.0.0.53 --address=/example.org/203.0.113.2
            eventually dig +tries=1 +time=1 @127.0.0.53 up.example.org
            sandbox inner app --dns 127.0.0.53
            sandbox outer app --dns 127.0.0.53@host
            one inner-dns inner 127.0.0.53 203.0.113.3
            """);
        Assert.Equal("203.0.113.3", await _host.OkAsync("dig_in inner +short www.example.org"));
        Assert.Equal("203.0.113.2", await _host.OkAsync("dig_in outer +short www.example.org"));
        Assert.Equal("203.0.113.3", await _host.OkAsync("dig_in inner +short www.example.org"));
        await _host.OkAsync("stop inner-dns; stop host-dns; remove inner outer");
    }

    [Fact]
    public async Task Names_of_a_domain_go_to_its_upstream_and_all_others_to_the_hosts()
    {
        await _host.OkAsync(One + """
            one split client 192.0.2.2 203.0.113.4
            resolver network create split --subnet 172.30.22.0/24 --dns corp.example.org=192.0.2.2
            sandbox splitter split
            """);
        Assert.Equal("203.0.113.4", await _host.OkAsync("dig_in splitter +short db.corp.example.org"));
        Assert.Equal("203.0.113.4", await _host.OkAsync("dig_in splitter +short CORP.example.org"));
        Assert.Equal(Upstream.OutsideAddress, await _host.OkAsync("dig_in splitter +short www.example.org"));
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in splitter xcorp.example.org"), StringComparison.Ordinal);
        string log = await _host.OkAsync("cat /run/host/upstream.log");
        Assert.DoesNotContain(".corp.example.org", log, StringComparison.Ordinal);
        Assert.Contains("xcorp.example.org", log, StringComparison.Ordinal);
        Assert.Contains("corp.example.org=192.0.2.2:53", await _host.OkAsync("resolver network inspect split"), StringComparison.Ordinal);
        await _host.OkAsync("stop split; remove splitter; resolver network rm split");
    }

    [Fact]
    public async Task What_a_sandbox_made_of_its_own_traffic_poisons_nobody_else()
    {
        await _host.OkAsync(One + """
            one honest client 192.0.2.2 203.0.113.5
            resolver network create shared --subnet 172.30.23.0/24 --dns 192.0.2.2
            sandbox liar shared; sandbox victim shared
            one lie liar 127.0.0.1 203.0.113.66
            ip netns exec liar nft 'add table ip lie; add chain ip lie out { type nat hook output priority -100; }; add rule ip lie out ip daddr 192.0.2.2 udp dport 53 dnat to 127.0.0.1'
            ip netns exec liar sysctl -qw net.ipv4.conf.all.route_localnet=1
            """);
        Assert.Equal("203.0.113.66", await _host.OkAsync("dig_in liar +short www.example.org"));
        Assert.Equal("203.0.113.5", await _host.OkAsync("dig_in victim +short www.example.org"));
        await _host.OkAsync("stop lie; stop honest; remove liar victim; resolver network rm shared");
    }

    [Theory]
    [InlineData("tls://192.0.2.2")]
    [InlineData("tls://192.0.2.2#dns.test")]
    [InlineData("tls://192.0.2.2#dns.test@host")]
    [InlineData("https://192.0.2.2:8443#dns.test")]
    [InlineData("https://192.0.2.2:8443@host")]
    public async Task An_encrypted_upstream_answers(string upstream)
    {
        await _host.OkAsync($"sandbox private app --dns '{upstream}'");
        Assert.Equal(ManyUpstreams.EncryptedAddress, await _host.OkAsync("dig_in private +short www.example.org"));
        string answers = await _host.OkAsync("""
            for i in $(seq 50); do echo "name-$i.example.org A"; done >/run/host/names
            ip netns exec private dig +tries=1 +time=3 +short -f /run/host/names | sort | uniq -c | awk '{ print $1, $2 }'
            """);
        Assert.Equal($"50 {ManyUpstreams.EncryptedAddress}", answers);
        await _host.OkAsync("remove private");
    }

    [Theory]
    [InlineData("tls://192.0.2.2#wrong.test")]
    [InlineData("tls://192.0.2.2:854#dns.test")]
    [InlineData("tls://192.0.2.2:854")]
    [InlineData("https://192.0.2.2:8443#wrong.test")]
    [InlineData("tls://192.0.2.2:53")] // nobody listens
    public async Task One_with_another_certificate_is_not_believed(string upstream)
    {
        await _host.OkAsync($"sandbox wary app --dns '{upstream}'");
        string answer = await _host.OkAsync("ip netns exec wary dig +tries=1 +time=5 www.example.org");
        Assert.Contains("status: SERVFAIL", answer, StringComparison.Ordinal);
        Assert.Contains("EDE: 22", answer, StringComparison.Ordinal);
        await _host.OkAsync("remove wary");
    }

    [Fact]
    public async Task A_connection_is_used_again_and_one_that_the_server_closed_costs_no_answer()
    {
        await _host.OkAsync("sandbox again app --dns 'tls://192.0.2.2#dns.test@host'; dig_in again +short one.example.org");
        string before = await _host.OkAsync("ss -Htn dst 192.0.2.2:853");
        await _host.OkAsync("for i in 1 2 3; do dig_in again +short again-$i.example.org; done");
        Assert.Equal(1, int.Parse(await _host.OkAsync("ss -Htn state established dst 192.0.2.2:853 | wc -l"), CultureInfo.InvariantCulture));
        Assert.Contains("192.0.2.2:853", before, StringComparison.Ordinal);

        await _host.OkAsync("ss -K dst 192.0.2.2:853 >/dev/null");
        Assert.Equal(ManyUpstreams.EncryptedAddress, await _host.OkAsync("dig_in again +short two.example.org"));
        await _host.OkAsync("remove again");
    }

    [Fact]
    public async Task A_hosts_resolver_that_asks_the_sandbox_again_is_found_out()
    {
        // dnsmasq in a sandbox forwards to 127.0.0.11, and the sandbox's own upstream is that dnsmasq.
        await _host.OkAsync("""
            sandbox circle app --ip 172.30.0.99 --dns 172.30.0.99
            inside circle circle-dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --cache-size=0 --bind-interfaces --listen-address=172.30.0.99 --server=127.0.0.11
            """);
        string found = await _host.OkAsync("""
            asked() { ip netns exec circle dig +tries=1 +time=5 round.example.org | tee /run/host/circle.answer | grep -q 'leads back'; }
            eventually asked
            cat /run/host/circle.answer
            """);
        Assert.Contains("status: SERVFAIL", found, StringComparison.Ordinal);
        Assert.Contains("leads back to this daemon", await _host.OkAsync("cat /run/host/daemon.log"), StringComparison.Ordinal);
        Assert.Equal("172.30.0.99", await _host.OkAsync("dig_in circle +short circle"));
        await _host.OkAsync("stop circle-dns; remove circle");
    }

    [Theory]
    [InlineData("quic://9.9.9.9")]
    [InlineData("9.9.9.9#name")]
    [InlineData("dns.example")]
    [InlineData("127.0.0.11")]
    public async Task Nonsense_is_refused_and_makes_no_network(string upstream)
    {
        string line = await _host.RefusedAsync($"resolver network create nonsense --dns '{upstream}'");
        Assert.Contains(upstream, line, StringComparison.Ordinal);
    }
}
