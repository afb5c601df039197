// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Coexistence;

/// <summary>Others that delete or change our links while the daemon runs.</summary>
public sealed class RepairTests(RunningHost running) : IClassFixture<RunningHost>
{
    // What a network is for, and what the kernel has of it: indexes, and the random address of a host's end, come with each link made anew.
    private const string Torn = """
        bridge() { ip -o link | grep ':network:torn:' | cut -d ' ' -f 2 | tr -d :; }
        link() { ip -o link | grep ":endpoint:torn/$1:" | cut -d ' ' -f 2 | sed 's/@.*//'; }
        fetch() { ip netns exec "$1" curl --silent --max-time 1 "$2" | grep -q hello; }
        works() { fetch asker http://server/ && fetch asker http://192.0.2.1:8400/ && fetch client http://192.0.2.1:8400/ && fetch server http://192.0.2.1:8400/; }
        state() {
          ip -d -o link | grep -E 'resolver:(network|endpoint):torn' | sort -t : -k 2 | grep -oE '(^[0-9]+: [^:@]+)|master [^ ]+|group [^ ]+|hairpin o[nf]+|[<,]UP[,>]|alias [^ ]+' | sed 's/^[0-9]*: //'
          ip -o link show "$(bridge)" | grep -o 'link/ether [^ ]*'
          ip -o address show dev "$(bridge)" scope global | sed 's/^[0-9]*: //; s/ tentative//; s/\\.*//'
          ip route show dev "$(bridge)" | sed 's/ linkdown//'
          for sandbox in server asker; do
            ip -n "$sandbox" -o link show eth0 | grep -o 'link/ether [^ ]*'
            ip -n "$sandbox" -o address show dev eth0 scope global | sed 's/^[0-9]*: //; s/ tentative//; s/\\.*//'
            ip -n "$sandbox" route; ip -n "$sandbox" -6 route show default | sed 's/ linkdown//'
          done
        }
        make() {
          if resolver network inspect torn >/dev/null 2>&1; then unmake; fi # A case that failed leaves it.
          resolver network create torn --subnet 172.30.7.0/24 --subnet fd00:7::/64 >/dev/null
          sandbox server torn -p 8400:80
          sandbox asker torn
          mkdir -p /run/host/torn; echo hello >/run/host/torn/index.html
          inside server server-httpd busybox httpd -f -p 80 -h /run/host/torn
          eventually works
        }
        repairs() { grep -c "Somebody changed.*$1" /run/host/daemon.log || true; }
        unmake() { remove server asker; resolver network rm torn >/dev/null; }

        """;

    private readonly HostNamespace _host = running.Host;

    [Theory]
    [InlineData("ip link delete $bridge", "bridge $bridge made anew")]
    [InlineData("ip link set $bridge down", "link $bridge set up")]
    [InlineData("ip link set $bridge group 7", "group of link $bridge set back")]
    [InlineData("ip link set $bridge down; ip link set $bridge name mine0", "bridge $bridge made anew")]
    [InlineData("ip address flush dev $bridge", "address 172.30.7.1/24 put back on $bridge")]
    [InlineData("ip -6 address delete fd00:7::1/64 dev $bridge", "address fd00:7::1/64 put back on $bridge")]
    [InlineData("ip link delete $link", "link $link made anew")]
    [InlineData("ip -n server link delete eth0", "link $link made anew")]
    [InlineData("ip link set $link down", "link $link set up")]
    [InlineData("ip link set $link nomaster", "link $link put back into bridge $bridge")]
    [InlineData("ip link set $link group default", "group of link $link set back")]
    [InlineData("ip link set $link down; ip link set $link name mine0", "link $link made anew")]
    [InlineData("ip link set $link netns client", "link $link made anew")]
    [InlineData("ip link delete $bridge; ip link delete $link", "link $link made anew")]
    public async Task What_somebody_does_to_our_links_is_repaired_within_a_second_and_traffic_flows_again(string destruction, string repaired)
    {
        await _host.OkAsync($$"""
            {{Torn}}make
            bridge=$(bridge); link=$(link server)
            state >/run/host/state
            {{destruction}}
            deadline=$(($(date +%s%N) + 1000000000))
            until test "$(state 2>/dev/null)" = "$(cat /run/host/state)"; do
              if (($(date +%s%N) > deadline)); then echo 'not within a second' >&2; state | diff /run/host/state - >&2; tail -5 /run/host/daemon.log >&2; exit 1; fi
              sleep 0.02
            done
            eventually works
            grep -q "Somebody changed.*{{repaired}}" /run/host/daemon.log
            unmake
            """);
    }

    [Fact]
    public async Task What_a_sandbox_does_inside_is_its_own_matter_as_long_as_its_link_is_there()
    {
        string addresses = await _host.OkAsync($$"""
            {{Torn}}make
            before=$(repairs server)
            link=$(link server)
            ip -n server route delete default; ip -n server address delete 172.30.7.2/24 dev eth0
            ip -n server link set eth0 down
            ip link set $link down
            up() { ip link show $link | grep -q '[<,]UP[,>]'; }
            eventually up
            ip -n server link set eth0 up
            echo $(($(repairs server) - before))
            ip -n server -4 -o address show dev eth0
            unmake
            """);
        Assert.Equal("1", addresses);
    }

    [Fact]
    public async Task Who_keeps_at_a_link_is_answered_later_each_time_and_the_others_at_once()
    {
        string[] counts = (await _host.OkAsync($$"""
            {{Torn}}make
            before=$(repairs 'of server')
            end=$((SECONDS + 4))
            until ((SECONDS >= end)); do ip link delete "$(link server)" 2>/dev/null || true; sleep 0.02; done
            echo $(($(repairs 'of server') - before))
            link=$(link asker)
            ip link delete $link
            there() { test "$(link asker)" = $link; }
            timeout 1 true; end=$(($(date +%s%N) + 1000000000))
            until there; do (($(date +%s%N) < end)); done
            unmake
            """)).Split('\n');
        Assert.InRange(int.Parse(counts[0], CultureInfo.InvariantCulture), 4, 6);
    }

    [Fact]
    public async Task A_daemon_that_connects_and_disconnects_a_hundred_times_repairs_nothing()
    {
        await _host.OkAsync($$"""
            {{Torn}}make
            ip netns add guest
            before=$(grep -c Somebody /run/host/daemon.log || true)
            for i in $(seq 100); do
              resolver network connect torn --netns /run/netns/guest --name guest -p 8401:81 >/dev/null
              if ((i % 10 == 0)); then
                resolver publish guest -p 8402:82 >/dev/null; resolver unpublish guest -p 8402:82 >/dev/null
                resolver network create other >/dev/null; resolver network connect other guest >/dev/null; resolver network disconnect other guest; resolver network rm other >/dev/null
              fi
              resolver network disconnect torn guest
            done
            sleep 0.5 # What was heard of last is looked at by then.
            test "$(grep -c Somebody /run/host/daemon.log || true)" = "$before" || { grep Somebody /run/host/daemon.log >&2; exit 1; }
            ip netns delete guest
            unmake
            """);
    }

    [Fact]
    public async Task A_link_that_is_deleted_while_its_sandbox_leaves_or_is_gone_comes_back_for_nobody()
    {
        string before = await _host.SnapshotAsync();
        await _host.OkAsync($$"""
            {{Torn}}make
            resolver network create side >/dev/null
            sides() { ip -o link | grep -c ':endpoint:side/' || true; }
            for i in $(seq 20); do
              resolver network connect side asker >/dev/null
              link=$(ip -o link | grep ':endpoint:side/asker:' | cut -d ' ' -f 2 | sed 's/@.*//')
              ip link delete "$link"
              sleep "$(printf 0.%03d $((90 + i)))" # Before, during and after the repair.
              resolver network disconnect side asker
              test "$(sides)" = 0
            done
            sleep 0.5
            test "$(sides)" = 0
            resolver network rm side >/dev/null
            for i in $(seq 3); do
              ip netns add guest
              resolver network connect torn --netns /run/netns/guest --name guest >/dev/null
              link=$(link guest)
              ip netns delete guest
              ip link delete "$link" 2>/dev/null || true
              eventually gone guest
            done
            ! grep -q "can't be repaired" /run/host/daemon.log
            unmake
            """);
        Assert.Equal(before, await _host.SnapshotAsync());
    }
}
