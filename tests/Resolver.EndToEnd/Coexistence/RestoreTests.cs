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
            rules() { nft -s list table inet resolver; nft -s list table bridge resolver; }
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
