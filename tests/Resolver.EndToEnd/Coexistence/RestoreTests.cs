// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Coexistence;

/// <summary>Others that delete our rules while the daemon runs, or rules of ours that should not be there.</summary>
public sealed class RestoreTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private readonly HostNamespace _host = app.Host;

    [Theory]
    [InlineData("nft flush ruleset")]
    [InlineData("nft delete table inet resolver")]
    [InlineData("nft delete table bridge resolver")]
    [InlineData("nft flush table inet resolver")]
    [InlineData("nft flush chain inet resolver forward")]
    [InlineData("nft flush chain bridge resolver guard")]
    [InlineData("nft 'flush chain inet resolver postrouting; delete chain inet resolver postrouting'")]
    [InlineData("nft delete rule inet resolver publish handle $(nft -a list chain inet resolver publish | grep -oE 'published4 # handle [0-9]+' | cut -d ' ' -f 4)")]
    [InlineData("nft replace rule inet resolver publish handle $(nft -a list chain inet resolver publish | grep -oE 'published4 # handle [0-9]+' | cut -d ' ' -f 4) drop")]
    [InlineData("nft flush map inet resolver published4")]
    [InlineData("nft delete element inet resolver published4 '{ tcp . 8300 }'")]
    [InlineData("nft flush set inet resolver bridges; nft flush set bridge resolver own4")]
    public async Task What_somebody_deletes_of_our_tables_is_back_within_a_second_and_connections_go_on(string deletion)
    {
        // Anew, because against one who keeps deleting the daemon waits longer each time: other cases do so, too.
        await _host.OkAsync("stop daemon; start_daemon");
        await _host.OkAsync("sandbox target app -p 8300:80; inside target target-echo busybox nc -ll -p 80 -e cat; eventually sh -c 'resolver exec target -- ss -ltn | grep -q :80'");
        string before = await _host.SnapshotAsync();
        string conversation = await _host.OkAsync($$"""
            rm -f /run/host/talking /run/host/restored
            cat >/run/host/talk.sh <<'END'
            exec 3<>/dev/tcp/192.0.2.1/8300
            echo before >&3; read -r -t 5 -u 3 line; echo "$line"
            touch /run/host/talking
            until test -e /run/host/restored; do read -r -t 0.1 <> <(:) || true; done
            echo after >&3; read -r -t 5 -u 3 line; echo "$line"
            END
            timeout 30 ip netns exec client bash /run/host/talk.sh & talk=$!
            eventually test -e /run/host/talking
            rules() { { nft -s list table inet resolver && nft -s list table bridge resolver; } | sort; }
            rules >/run/host/rules
            {{deletion}}
            deadline=$(($(date +%s%N) + 1000000000))
            until test "$(rules 2>/dev/null)" = "$(cat /run/host/rules)"; do
              if (($(date +%s%N) > deadline)); then echo 'not within a second' >&2; rules | diff /run/host/rules - >&2; exit 1; fi
            done
            touch /run/host/restored
            wait $talk
            """);
        Assert.Equal("before\nafter", conversation);
        Assert.Equal("new", await _host.OkAsync("echo new | ip netns exec client timeout 3 busybox nc 192.0.2.1 8300"));

        // Both at once, so that they are listed in their order again.
        await _host.OkAsync("nft flush ruleset; eventually nft list chain bridge resolver guard");
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("remove target");
    }

    [Fact]
    public async Task Rules_of_ones_own_come_and_go_without_a_word_and_survive_what_is_restored()
    {
        await _host.OkAsync("""
            sandbox owner app -p 8303:80
            stop daemon; start_daemon
            said() { grep -c 'Somebody deleted' /run/host/daemon.log || true; }
            before=$(said)
            nft add rule inet resolver user_forward ip saddr 172.30.0.98 drop
            nft add set inet resolver mine '{ type ipv4_addr; elements = { 172.30.0.97 }; }'
            nft add rule inet resolver user_input ip saddr @mine drop
            nft flush chain inet resolver user_forward
            nft add rule inet resolver user_forward ip saddr 172.30.0.99 drop
            nft flush set inet resolver mine
            sleep 0.5
            test "$(said)" = "$before"
            nft flush map inet resolver published4
            restored() { nft list map inet resolver published4 | grep -q 8303; }
            eventually restored
            test "$(said)" = $((before + 1))
            nft list chain inet resolver user_forward | grep -q 172.30.0.99
            nft list chain inet resolver user_input | grep -q @mine
            nft 'flush chain inet resolver user_forward; flush chain inet resolver user_input; delete set inet resolver mine'
            remove owner
            """);
    }

    [Fact]
    public async Task Elements_that_no_object_stands_behind_are_gone_after_a_start_and_rules_of_ones_own_stay()
    {
        await _host.OkAsync("sandbox holder app -p 8301:80 -p 8310-8320:8310-8320");
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("""
            stop daemon
            nft add element inet resolver published4 '{ tcp . 8302 : 172.30.0.99 . 80 }'
            nft add element inet resolver tcp_ranges4 '{ 9000-9100 : 172.30.0.99 }'
            nft add element inet resolver bridges '{ "gone0" }'
            nft add rule inet resolver user_forward ip saddr 172.30.0.99 drop
            start_daemon
            nft list chain inet resolver user_forward | grep -q 172.30.0.99
            nft flush chain inet resolver user_forward
            """);
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("remove holder");
    }
}
