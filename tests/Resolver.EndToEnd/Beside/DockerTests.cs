// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Beside;

/// <summary>The real Docker on the same host, each daemon first once, and once with iptables-legacy.</summary>
public sealed class DockerTests : IAsyncLifetime
{
    // What Docker finds under the name of iptables is what its distribution chose.
    private const string Legacy = """
        mkdir -p /run/host/legacy
        ln -sf "$(command -v iptables-legacy)" /run/host/legacy/iptables
        ln -sf "$(command -v ip6tables-legacy)" /run/host/legacy/ip6tables

        """;

    private readonly ControlGroups _groups = ControlGroups.Start();
    private HostNamespace? _host;

    private HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _host = await HostNamespace.StartAsync();
        await RunAsync("cover_machine");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _groups.DisposeAsync();
    }

    [Fact]
    public async Task Where_Docker_was_first_both_work_and_its_rules_are_as_before_when_ours_are_gone()
    {
        await RunAsync("""
            start_docker; run_container >/run/host/container.log
            { saved; nft -s list ruleset; } >/run/host/before
            start_daemon; serve
            ours_work; theirs_work; both_are_apart
            """);
        Assert.DoesNotContain("warning", await RunAsync("resolver status"), StringComparison.Ordinal);
        await RestartDockerAsync("");
        await RunAsync("""
            resolver uninstall --force; eventually ended daemon
            { saved; nft -s list ruleset; } | diff /run/host/before -
            theirs_work
            """);
    }

    [Fact]
    public async Task Where_Docker_comes_later_both_work_and_what_it_leaves_open_is_named()
    {
        await RunAsync("""
            start_daemon; serve
            start_docker; run_container >/run/host/container.log
            ours_work; theirs_work; both_are_apart
            """);

        // It sets the policy only if it switches forwarding on: with ours on it would leave its containers to everybody, sandboxes of ours included.
        string status = await RunAsync("resolver status");
        Assert.Contains("warning: chain FORWARD of iptables accepts what no rule drops", status, StringComparison.Ordinal);
        await RunAsync("""
            answers 10.88.0.2 81 ip netns exec client
            iptables -P FORWARD DROP
            no_warning() { ! resolver status | grep warning; }
            eventually no_warning
            refuses 10.88.0.2 81 ip netns exec client
            ours_work; theirs_work; both_are_apart
            theirs() { saved | grep -v 'DOCKER-USER '; nft -s list table ip nat; }
            theirs >/run/host/before
            """);
        await RestartDockerAsync("");
        await RunAsync("""
            theirs() { saved | grep -v 'DOCKER-USER '; nft -s list table ip nat; }
            resolver uninstall --force; eventually ended daemon
            theirs | diff /run/host/before -
            test "$(iptables -S DOCKER-USER)" = "$(printf '%s\n' '-N DOCKER-USER' '-A DOCKER-USER -j RETURN')"
            theirs_work
            """);
    }

    [Theory]
    [InlineData("start_docker /run/host/legacy; run_container; saved -legacy >/run/host/before; start_daemon; serve")]
    [InlineData("start_daemon; serve; start_docker /run/host/legacy; run_container; saved -legacy | grep -v 'DOCKER-USER ' >/run/host/before")]
    public async Task Docker_that_uses_iptables_legacy_is_seen_whoever_was_first(string start)
    {
        await RunAsync($$"""
            {{Legacy}}
            {{start}}
            ours_work; theirs_work; both_are_apart
            test "$(nft list tables | grep -vc resolver)" = 0 # Docker has nothing there, and nobody made anything.
            """);
        await RestartDockerAsync("/run/host/legacy");
        await RunAsync("""
            resolver uninstall --force; eventually ended daemon
            saved -legacy | { if grep -q DOCKER-USER /run/host/before; then cat; else grep -v 'DOCKER-USER '; fi; } | diff /run/host/before -
            test "$(iptables-legacy -S DOCKER-USER)" = "$(printf '%s\n' '-N DOCKER-USER' '-A DOCKER-USER -j RETURN')"
            theirs_work
            """);
    }

    private async Task RestartDockerAsync(string iptables) => await RunAsync($"""
        stop dockerd
        ours_work
        start_docker {iptables}; docker start contained
        ours_work; theirs_work; both_are_apart
        """);

    private Task<string> RunAsync(string script) => Host.OkAsync($"""
        source '{AppContext.BaseDirectory}/Beside/beside.sh'
        control_group={_groups.Name}
        source '{AppContext.BaseDirectory}/Beside/docker.sh'
        {script}
        """);
}
