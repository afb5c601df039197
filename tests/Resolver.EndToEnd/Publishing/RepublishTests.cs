// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Publishing;

/// <summary>Ports that are published and taken back while the sandbox runs.</summary>
public sealed class RepublishTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Echo = """
        echo_in() {
          inside "$1" "$1-echo" busybox nc -ll -p 80 -e cat
          listens() { resolver exec "$1" -- ss -ltn | grep -q :80; }
          eventually listens "$1"
        }

        """;

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_port_is_published_and_taken_back_while_the_sandbox_runs()
    {
        await _host.OkAsync($"{Echo} sandbox live app; echo_in live");
        string before = await _host.SnapshotAsync();
        const string Expected = "80/tcp -> 0.0.0.0:8100\n80/tcp -> [::]:8100\n81/tcp -> 127.0.0.1:8101\n82-83/udp -> 0.0.0.0:8102-8103\n82-83/udp -> [::]:8102-8103";
        const string Publish = "resolver publish live --network app -p 8100:80 -p 127.0.0.1:8101:81 -p 8102-8103:82-83/udp";
        Assert.Equal(Expected, await _host.OkAsync(Publish));
        Assert.Equal(Expected, await _host.OkAsync("resolver port live"));
        Assert.Equal("hi", await _host.OkAsync("echo hi | ip netns exec client timeout 3 busybox nc 192.0.2.1 8100"));
        Assert.Contains("\"hostPort\": 8100", await _host.OkAsync("resolver port live --format json"), StringComparison.Ordinal);
        await _host.OkAsync("resolver unpublish live -p 8100:80 -p 81 -p 8102-8103:82-83/udp");
        Assert.NotEqual(0, (await _host.RunAsync("echo hi | ip netns exec client timeout 3 busybox nc 192.0.2.1 8100")).ExitCode);
        Assert.Equal("", await _host.OkAsync("resolver port live"));
        Assert.Equal(before, await _host.SnapshotAsync());

        // The host has its ports back.
        await _host.OkAsync("background taker timeout 60 busybox nc -l -p 8101; eventually sh -c 'ss -ltn | grep -q :8101'; stop taker; remove live");
    }

    [Fact]
    public async Task A_port_that_is_taken_refuses_all_and_names_the_address_and_the_port()
    {
        await _host.OkAsync("sandbox first app -p 8110:80; sandbox second app; background holder timeout 60 busybox nc -l -p 8111; eventually sh -c 'ss -ltn | grep -q :8111'");
        string taken = await _host.RefusedAsync("resolver publish second -p 8112:80 -p 8111:81");
        Assert.Contains("0.0.0.0:8111/tcp is taken by another process", taken, StringComparison.Ordinal);
        string ours = await _host.RefusedAsync("resolver publish second -p 8112:80 -p 8110:81");
        Assert.Contains("0.0.0.0:8110->81/tcp is taken by first", ours, StringComparison.Ordinal);
        Assert.Contains("not published", await _host.RefusedAsync("resolver unpublish first -p 8110:80 -p 8112:80"), StringComparison.Ordinal);
        Assert.Equal("80/tcp -> 0.0.0.0:8110\n80/tcp -> [::]:8110", await _host.OkAsync("resolver port first"));
        await _host.OkAsync("stop holder; resolver publish second -p 8112:80 -p 8111:81; remove first second");
    }

    [Fact]
    public async Task A_udp_client_that_sent_before_the_publish_reaches_the_endpoint_and_after_the_unpublish_no_longer()
    {
        // One client port throughout, so that a tracked flow would lead where it led before.
        await _host.OkAsync("""
            sandbox late app
            inside late late-udp dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --port=53 --address=/inner.test/203.0.113.9
            eventually dig_in late +short @127.0.0.1 inner.test
            cat >/run/host/ask.sh <<'END'
            test "$(dig +short +tries=1 +time=1 -b 192.0.2.2#40053 -p 5310 @192.0.2.1 inner.test)" = 203.0.113.9
            END
            ask() { ip netns exec client bash /run/host/ask.sh; }
            if ask; then echo 'answered before it was published' >&2; exit 1; fi
            resolver publish late -p 5310:53/udp
            ask || ask
            resolver unpublish late -p 5310:53/udp
            if ask; then echo 'answered after it was taken back' >&2; exit 1; fi
            """);
        await _host.OkAsync("remove late");
    }

    [Fact]
    public async Task What_changed_at_run_time_is_so_after_the_daemon_was_killed_and_started_again()
    {
        await _host.OkAsync($"{Echo} sandbox kept app -p 8120:80; echo_in kept");
        await _host.OkAsync("resolver publish kept -p 8121:80; resolver unpublish kept -p 8120:80");
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("kill -KILL \"$(cat /run/host/daemon.pid)\"; eventually ended daemon; start_daemon");
        Assert.Equal(before, await _host.SnapshotAsync());
        Assert.Equal("80/tcp -> 0.0.0.0:8121\n80/tcp -> [::]:8121", await _host.OkAsync("resolver port kept"));
        Assert.Equal("hi", await _host.OkAsync("echo hi | ip netns exec client timeout 3 busybox nc 192.0.2.1 8121"));
        await _host.OkAsync("remove kept");
    }
}
