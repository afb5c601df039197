// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Crowds;

/// <summary>Many at once, and a daemon that dies amid them.</summary>
public sealed class CrowdTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Kill = "kill -KILL $(cat /run/host/daemon.pid); eventually ended daemon; ";

    // all PIDS...: waits for each and says how many failed.
    private const string All = """
        all() { local failed=0 pid; for pid in "$@"; do wait "$pid" || failed=$((failed + 1)); done; echo "$failed failed"; }

        """;

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_hundred_clients_at_once_get_an_address_each_and_leave_nothing()
    {
        await _host.OkAsync("for i in $(seq 100); do echo \"netns add many$i\"; done | ip -batch -");
        string before = await _host.SnapshotAsync();

        string connected = await _host.OkAsync(All + """
            pids=()
            for i in $(seq 100); do resolver network connect app --netns "/run/netns/many$i" --name "many$i" >/dev/null & pids+=($!); done
            all "${pids[@]}"
            for i in $(seq 100); do ip -n "many$i" -4 -o address show dev eth0 | awk '{ print $4 }'; done | sort -u | wc -l
            dig_in many1 +short many100 | wc -l
            """);
        Assert.Equal("0 failed\n100\n1", connected);

        string gone = await _host.OkAsync(All + """
            pids=()
            for i in $(seq 100); do resolver network disconnect app "many$i" >/dev/null & pids+=($!); done
            all "${pids[@]}"
            """);
        Assert.Equal("0 failed", gone);
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("for i in $(seq 100); do echo \"netns del many$i\"; done | ip -batch -");
    }

    [Fact]
    public async Task Of_many_who_make_a_network_of_one_name_one_succeeds()
    {
        string made = await _host.OkAsync(All + """
            pids=()
            for i in $(seq 20); do resolver network create once >/dev/null 2>>/run/host/once.log & pids+=($!); done
            all "${pids[@]}"
            resolver network ls --format json | grep -c '"once"'
            grep -c 'once' /run/host/once.log
            resolver network rm once >/dev/null
            """);
        Assert.Equal("19 failed\n1\n19", made);
    }

    [Fact]
    public async Task A_daemon_that_is_killed_amid_fifty_starts_leaves_nothing_that_nobody_knows()
    {
        await _host.OkAsync("for i in $(seq 50); do echo \"netns add amid$i\"; done | ip -batch -");
        string before = await _host.SnapshotAsync();

        string left = await _host.OkAsync(All + $$"""
            pids=()
            for i in $(seq 50); do resolver network connect app --netns "/run/netns/amid$i" --name "amid$i" -p "$((20000 + i)):80" >/dev/null 2>&1 & pids+=($!); done
            some() { test "$(ip -o link show type veth | wc -l)" -ge 7; }
            eventually some
            {{Kill}}
            all "${pids[@]}" >/dev/null
            start_daemon
            for name in $(resolver ps --quiet); do resolver rm "$name" >/dev/null; done
            resolver ps --quiet | wc -l
            ss -Hltn 'sport >= :20000 and sport <= :20100' | wc -l
            """);
        Assert.Equal("0\n0", left);
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("for i in $(seq 50); do echo \"netns del amid$i\"; done | ip -batch -");
    }

    [Fact]
    public async Task Two_hundred_published_ports_answer_while_the_daemon_is_killed_and_started()
    {
        string asked = await _host.OkAsync($$"""
            # shellcheck disable=SC2046
            sandbox busy app $(seq -f '-p %.0f:80' 21000 21199)
            mkdir -p /run/host/www; echo here >/run/host/www/index.html
            inside busy busy-httpd busybox httpd -f -p 80 -h /run/host/www
            ask() { ip netns exec client curl --silent --max-time 1 --output /dev/null --write-out '%{time_total}\n' "http://192.0.2.1:$1/" || echo failed; }
            answers() { ask 21000 | grep -vq failed; }
            eventually answers
            ( for i in $(seq 300); do ask $((21000 + i % 200)); done >/run/host/asked ) & asking=$!
            {{Kill}}
            start_daemon
            wait $asking
            grep -c failed /run/host/asked || true
            sort -g /run/host/asked | tail -n 1
            remove busy
            """);

        string[] lines = asked.Split('\n');
        Assert.Equal("0", lines[0]);
        Assert.InRange(double.Parse(lines[1], System.Globalization.CultureInfo.InvariantCulture), 0, 0.9); // A lost SYN would come again after a second.
    }

    [Fact]
    public async Task A_bridge_that_went_while_nobody_looked_is_made_again_with_all_that_was_on_it()
    {
        string bridge = await _host.OkAsync("resolver network inspect app | sed -n 's/.*\"bridge\": *\"\\([^\"]*\\)\".*/\\1/p'");
        await _host.OkAsync("sandbox left app --ip 172.30.0.50; sandbox right app --ip 172.30.0.51");
        string before = await _host.SnapshotAsync();

        await _host.OkAsync($"{Kill} ip link del {bridge}; start_daemon; ip netns exec left ping -c 1 -W 2 172.30.0.51");

        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("remove left right");
    }

    [Fact]
    public async Task An_MTU_is_that_of_the_whole_path()
    {
        await _host.OkAsync("""
            resolver network create small --subnet 172.30.60.0/24 --mtu 1400
            sandbox near small --ip 172.30.60.2; sandbox far small --ip 172.30.60.3
            ip netns exec near ping -c 1 -W 2 -M do -s 1372 172.30.60.3
            """);
        CommandResult tooLong = await _host.RunAsync("ip netns exec near ping -c 1 -W 2 -M do -s 1373 172.30.60.3");
        Assert.Equal(1, tooLong.ExitCode);
        Assert.Contains("message too long", tooLong.Error, StringComparison.Ordinal);
        await _host.OkAsync("remove near far; resolver network rm small");
    }
}
