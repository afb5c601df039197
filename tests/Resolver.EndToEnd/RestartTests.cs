// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What was acknowledged survives the daemon, however it ends.</summary>
public sealed class RestartTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Kill = "kill -KILL $(cat /run/host/daemon.pid); eventually ended daemon; ";

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task After_a_kill_networks_names_and_ports_are_as_before_and_a_connection_goes_on()
    {
        await _host.OkAsync("""
            sandbox db app --ip 172.30.0.20 --alias database
            sandbox web app --ip 172.30.0.21 -p 8080:7000
            resolver register app outside --ip 198.51.100.7
            inside web echo busybox nc -ll -p 7000 -e cat
            listens() { resolver exec web -- ss -ltn | grep -q :7000; }
            eventually listens
            """);
        string networks = await _host.OkAsync("resolver network ls --format json");
        string sandboxes = await _host.OkAsync("resolver ps --format json");
        string kernel = await _host.SnapshotAsync();

        string conversation = await _host.OkAsync($"""
            cat >/run/host/talk.sh <<'END'
            exec 3<>/dev/tcp/192.0.2.1/8080
            echo before >&3; read -r -t 5 -u 3 line; echo "$line"
            touch /run/host/talking
            until test -e /run/host/restarted; do read -r -t 0.1 <> <(:) || true; done
            echo after >&3; read -r -t 5 -u 3 line; echo "$line"
            END
            timeout 30 ip netns exec client bash /run/host/talk.sh & talk=$!
            eventually test -e /run/host/talking
            {Kill}
            start_daemon
            touch /run/host/restarted
            wait $talk
            """);
        Assert.Equal("before\nafter", conversation);

        Assert.Equal(networks, await _host.OkAsync("resolver network ls --format json"));
        Assert.Equal(sandboxes, await _host.OkAsync("resolver ps --format json"));
        Assert.Equal(kernel, await _host.SnapshotAsync());
        Assert.Equal("172.30.0.20", await _host.OkAsync("dig_in web +short database"));
        Assert.Equal("172.30.0.20", await _host.OkAsync("dig_in web +short +tcp db.app"));
        Assert.Equal("198.51.100.7", await _host.OkAsync("dig_in db +short outside"));
        Assert.Equal("again", await _host.OkAsync("echo again | ip netns exec client timeout 3 busybox nc 192.0.2.1 8080"));
        await _host.OkAsync("remove db web; resolver deregister app outside");
    }

    [Fact]
    public async Task A_sandbox_that_ended_while_the_daemon_was_down_is_gone_after_its_start()
    {
        string before = await _host.SnapshotAsync();
        await _host.OkAsync($"sandbox orphan app -p 8090:80; {Kill} stop orphan; start_daemon; eventually gone orphan");
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("resolver run --network app --name orphan -p 8090:80 -- true");
    }

    [Fact]
    public async Task A_port_that_another_process_took_meanwhile_is_that_ones()
    {
        string heard = await _host.OkAsync($$"""
            sandbox late app -p 8095:80
            mkdir -p /run/host/late /run/host/squatter; echo sandbox >/run/host/late/index.html; echo squatter >/run/host/squatter/index.html
            inside late late-httpd busybox httpd -f -p 80 -h /run/host/late
            hears() { ip netns exec client curl --silent --max-time 2 http://192.0.2.1:8095/ | tee -a /run/host/heard | grep "$1"; }
            eventually hears sandbox
            {{Kill}}
            background squatter busybox httpd -f -p 192.0.2.1:8095 -h /run/host/squatter
            eventually hears 's[a-z]*'
            start_daemon
            eventually hears squatter
            grep -c 'are not published.*8095' /run/host/daemon.log
            stop squatter
            {{Kill}}
            start_daemon # While what the squatter served still waits for stray packets.
            hears sandbox
            remove late
            """);
        Assert.Equal("1\nsandbox", heard);
    }

    [Fact]
    public async Task A_daemon_that_is_told_to_stop_leaves_the_networks_and_takes_its_socket_along()
    {
        await _host.OkAsync("sandbox stays app --ip 172.30.0.30; sandbox talks app");
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("stop daemon");
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("ip netns exec talks ping -c 1 -W 2 172.30.0.30; start_daemon");
        Assert.Equal("172.30.0.30", await _host.OkAsync("dig_in talks +short stays"));
        await _host.OkAsync("remove stays talks");
    }

    [Fact]
    public async Task A_second_daemon_is_refused_and_the_first_goes_on()
    {
        await _host.OkAsync("sandbox firm app --ip 172.30.0.40");
        string before = await _host.SnapshotAsync();
        CommandResult second = await _host.RunAsync("timeout 20 resolverd");
        Assert.NotEqual(0, second.ExitCode);
        Assert.NotEqual(124, second.ExitCode);
        Assert.Contains("running", second.Error + second.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, await _host.SnapshotAsync());
        Assert.Equal("172.30.0.40", await _host.OkAsync("dig_in firm +short firm"));
        await _host.OkAsync("resolver network ls; remove firm");
    }
}
