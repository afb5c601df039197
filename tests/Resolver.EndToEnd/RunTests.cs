// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

public sealed class RunTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private readonly HostNamespace _host = app.Host;

    [Theory]
    [InlineData("true", "0")]
    [InlineData("sh -c 'exit 3'", "3")]
    [InlineData("sh -c 'kill -TERM $$'", "143")]
    [InlineData("sh -c 'kill -KILL $$'", "137")]
    public async Task The_exit_status_is_the_commands_own(string command, string status)
    {
        Assert.Equal(status, await _host.OkAsync($"resolver run --network app -- {command} && echo 0 || echo $?"));
    }

    [Fact]
    public async Task A_command_that_is_not_there_gives_127_and_leaves_no_sandbox()
    {
        string before = await _host.SnapshotAsync();
        CommandResult result = await _host.RunAsync("resolver run --network app --name missing -- no-such-command");
        Assert.Equal(127, result.ExitCode);
        Assert.Contains("no-such-command", result.Refused(), StringComparison.Ordinal);
        await _host.OkAsync("eventually gone missing");
        Assert.Equal(before, await _host.SnapshotAsync());
    }

    [Fact]
    public async Task Without_a_network_it_runs_on_the_default_one()
    {
        Assert.Equal("lone bridge=10.201.0.2", await _host.OkAsync("resolver run --name lone -- resolver ps | awk '$2 == \"lone\" { print $2, $3 }'"));
    }

    [Fact]
    public async Task Input_and_output_are_the_commands_own()
    {
        Assert.Equal("HELLO", await _host.OkAsync("echo hello | resolver run --network app -- tr a-z A-Z"));
    }

    [Fact]
    public async Task A_signal_reaches_the_command()
    {
        Assert.Equal("caught\n42", await _host.OkAsync("""
            resolver run --network app --name trap -- bash -c 'trap "echo caught; exit 42" TERM; touch /run/host/trapping; while :; do read -t 0.1 <> <(:) || true; done' &
            pid=$!
            eventually test -e /run/host/trapping
            kill -TERM $pid
            wait $pid || echo $?
            """));
    }

    [Fact]
    public async Task The_sandbox_ends_with_its_process()
    {
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("""
            sandbox brief app
            ip netns list | grep -qw brief
            kill -KILL $(cat /run/host/brief.pid)
            eventually gone brief
            """);
        Assert.Equal(before, await _host.SnapshotAsync());
    }

    [Fact]
    public async Task The_same_name_can_be_used_again_at_once()
    {
        Assert.Equal("1\n2\n3", await _host.OkAsync(
            "for n in 1 2 3; do resolver run --network app --name again -- echo $n; done"));
    }

    [Fact]
    public async Task A_name_in_use_is_refused_for_a_second_run()
    {
        await _host.OkAsync("sandbox once app");
        Assert.Contains("once", await _host.RefusedAsync("resolver run --network app --name once -- true"), StringComparison.Ordinal);
        await _host.OkAsync("remove once");
    }

    [Fact]
    public async Task Exec_runs_in_the_sandbox_with_its_files_and_passes_the_exit_status()
    {
        await _host.OkAsync("sandbox inner app --ip 172.30.0.50");
        Assert.Equal("172.30.0.50/24", await _host.OkAsync("resolver exec inner -- ip -o -4 address show dev eth0 | awk '{ print $4 }'"));
        Assert.Contains("nameserver 127.0.0.11", await _host.OkAsync("resolver exec inner -- cat /etc/resolv.conf"), StringComparison.Ordinal);
        Assert.Contains("172.30.0.50", await _host.OkAsync("resolver exec inner -- grep -w inner /etc/hosts"), StringComparison.Ordinal);
        Assert.Equal("5", await _host.OkAsync("resolver exec inner -- sh -c 'exit 5' || echo $?"));
        Assert.Equal("nameserver 198.51.100.53", await _host.OkAsync("cat /etc/resolv.conf"));
        await _host.OkAsync("remove inner");
    }

    [Fact]
    public async Task Rm_takes_a_sandbox_away_while_its_process_lives()
    {
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("sandbox removed app -p 8098:80; resolver rm removed; gone removed");
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync("if ! ended removed; then stop removed; fi; resolver run --network app --name removed -p 8098:80 -- true");
    }

    [Fact]
    public async Task Exec_in_an_unknown_sandbox_is_refused()
    {
        Assert.Contains("nobody", await _host.RefusedAsync("resolver exec nobody -- true"), StringComparison.Ordinal);
        Assert.Contains("nobody", await _host.RefusedAsync("resolver rm nobody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ip_netns_exec_works_on_a_sandbox()
    {
        await _host.OkAsync("sandbox web app --ip 172.30.0.51");
        string resolvConf = await _host.OkAsync("ip netns exec web cat /etc/resolv.conf");
        Assert.Contains("nameserver 127.0.0.11", resolvConf, StringComparison.Ordinal);
        Assert.Contains("options ndots:0", resolvConf, StringComparison.Ordinal);
        Assert.Contains("172.30.0.51", await _host.OkAsync("ip netns exec web grep -w web /etc/hosts"), StringComparison.Ordinal);
        await _host.OkAsync("remove web");
        Assert.Equal("", await _host.OkAsync("ip netns list | grep -w web || true; find /etc/netns -name web"));
    }

    [Fact]
    public async Task Ps_and_tree_show_who_is_where()
    {
        await _host.OkAsync("sandbox shown app --ip 172.30.0.52 --alias nick -p 8099:80");
        string row = Assert.Single((await _host.OkAsync("resolver ps")).Split('\n'), line => line.Contains("shown", StringComparison.Ordinal));
        Assert.Contains("app", row, StringComparison.Ordinal);
        string tree = await _host.OkAsync("resolver tree");
        foreach (string part in (string[])["app", "172.30.0.0/24", "shown", "172.30.0.52", "nick", "8099"])
        {
            Assert.Contains(part, tree, StringComparison.Ordinal);
        }

        await _host.OkAsync("remove shown");
    }
}
