// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Coexistence;

/// <summary>Other programs that write rules on the same host, as Docker and firewalls do.</summary>
public sealed class CoexistenceTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    // What Docker leaves on a host: the policy, its own chains, and the one that it keeps for others.
    private const string Docker = """
        docker_starts() {
          local tool
          for tool in iptables ip6tables; do
            $tool -P FORWARD DROP
            $tool -N DOCKER-USER
            $tool -N DOCKER-FORWARD
            $tool -A FORWARD -j DOCKER-USER
            $tool -A FORWARD -j DOCKER-FORWARD
            $tool -A DOCKER-FORWARD -i docker0 -j ACCEPT
          done
        }
        docker_is_gone() {
          local table
          for table in 'ip filter' 'ip6 filter'; do
            # shellcheck disable=SC2086 # family and name
            if nft list table $table >/dev/null 2>&1; then nft delete table $table; fi
          done
        }
        saved() { iptables-save | sed '/^#/d; s/\[.*\]//'; ip6tables-save | sed '/^#/d; s/\[.*\]//'; }
        fetch() { test "$(echo hi | ip netns exec client timeout 2 busybox nc 192.0.2.1 8200)" = hi; }
        out() { ip netns exec guest ping -c 1 -W 1 198.51.100.53; }
        serve() {
          sandbox guest app -p 8200:80
          inside guest guest-echo busybox nc -ll -p 80 -e cat
          eventually fetch
        }

        """;

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task Where_Docker_drops_what_is_forwarded_an_accept_goes_to_the_chain_that_it_keeps_for_others()
    {
        await _host.OkAsync($"{Docker} serve; docker_starts; eventually fetch; eventually out");
        await _host.OkAsync($$"""
            {{Docker}}
            saved >/run/host/with
            nft -j list ruleset >/dev/null
            test "$(grep -c -- '--comment resolver' /run/host/with)" = 11
            grep -v -- '--comment resolver' /run/host/with >/run/host/without
            docker_is_gone; docker_starts
            test "$(saved | grep -v -- '--comment resolver')" = "$(cat /run/host/without)"
            eventually fetch
            """);
        Assert.DoesNotContain("warning", await _host.OkAsync("resolver status"), StringComparison.Ordinal);

        // What goes to Docker's bridges is left to its own rules: the policy drops it.
        await _host.OkAsync("""
            ip link add docker0 type bridge; ip address add 10.99.0.1/24 dev docker0; ip link set docker0 up
            ip netns add contained; ip link add vcontained type veth peer name eth0 netns contained; ip link set vcontained master docker0 up
            ip -n contained address add 10.99.0.2/24 dev eth0; ip -n contained link set eth0 up; ip -n contained route add default via 10.99.0.1
            eventually ping -c 1 -W 1 10.99.0.2
            """);
        Assert.NotEqual(0, (await _host.RunAsync("ip netns exec guest ping -c 1 -W 1 10.99.0.2")).ExitCode);
        await _host.OkAsync($"{Docker} ip netns delete contained; ip link delete docker0; docker_is_gone; remove guest");
    }

    [Fact]
    public async Task An_accept_that_is_flushed_comes_back_and_one_that_is_there_is_not_put_twice()
    {
        await _host.OkAsync($$"""
            {{Docker}}
            docker_starts
            ours() { test "$(iptables-save | grep -c -- '--comment resolver')" = 7; }
            eventually ours
            iptables -F DOCKER-USER
            eventually ours
            stop daemon; start_daemon
            eventually ours
            stop daemon; iptables -F DOCKER-USER; start_daemon --docker-user false
            if ours; then echo 'an accept in spite of the option' >&2; exit 1; fi
            resolver status | grep 'chain FORWARD of table ip filter drops forwarded packets (policy drop)'
            stop daemon; start_daemon
            docker_is_gone
            """);
    }

    [Theory]
    [InlineData("type filter hook forward priority 10; policy drop;", ":", "(policy drop)")]
    [InlineData("type filter hook forward priority 10;", "nft add rule inet fence gate counter reject with icmpx admin-prohibited", "(reject")]
    public async Task A_chain_that_drops_and_cannot_be_overruled_is_named(string hook, string rule, string how)
    {
        await _host.OkAsync($$"""nft add table inet fence; nft 'add chain inet fence gate { {{hook}} }'; {{rule}}; stop daemon; start_daemon""");
        string status = await _host.OkAsync("resolver status");
        Assert.Contains($"warning: chain gate of table inet fence drops forwarded packets {how}", status, StringComparison.Ordinal);
        Assert.Contains("chain gate of table inet fence", await _host.OkAsync("cat /run/host/daemon.log"), StringComparison.Ordinal);
        await _host.OkAsync("nft delete table inet fence; stop daemon; start_daemon");
        Assert.DoesNotContain("warning", await _host.OkAsync("resolver status"), StringComparison.Ordinal);
    }
}
