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
            start_docker; run_container; theirs >/run/host/before
            start_daemon; serve
            ours_work; theirs_work; both_are_apart
            """);
        Assert.DoesNotContain("warning", await RunAsync("resolver status"), StringComparison.Ordinal);
        await UninstallAsync("");
        await RestartDockerAsync("");
    }

    [Fact]
    public async Task Where_Docker_comes_later_both_work_and_what_it_leaves_open_is_named()
    {
        await RunAsync("""
            start_daemon; serve
            start_docker; run_container; theirs >/run/host/before
            ours_work; theirs_work; both_are_apart
            theirs | diff /run/host/before -
            """);

        // It sets the policy only if it switches forwarding on: where ours was on, its containers are left to whoever routes here.
        string status = await RunAsync("resolver status");
        Assert.Contains("warning: chain FORWARD of iptables accepts what no rule drops", status, StringComparison.Ordinal);
        await RunAsync("""
            answers 10.88.0.2 81 ip netns exec client
            iptables -P FORWARD DROP; theirs >/run/host/before
            no_warning() { ! resolver status | grep warning; }
            eventually no_warning
            refuses 10.88.0.2 81 ip netns exec client
            ours_work; theirs_work; both_are_apart
            """);
        await UninstallAsync("");
        await RestartDockerAsync("");
    }

    [Theory]
    [InlineData("start_docker /run/host/legacy; run_container; theirs -legacy >/run/host/before; start_daemon; serve")]
    [InlineData("start_daemon; serve; start_docker /run/host/legacy; run_container; theirs -legacy >/run/host/before; eventually passes")]
    public async Task Docker_that_uses_iptables_legacy_is_seen_whoever_was_first(string start)
    {
        await RunAsync($$"""
            {{Legacy}}
            passes() { iptables-legacy -S DOCKER-USER | grep -q resolver; } # It is looked at every other second.
            {{start}}
            ours_work; theirs_work; both_are_apart
            test -z "$(nft list tables | grep -v ' resolver$')" # Nobody made what iptables would make elsewhere.
            """);
        await UninstallAsync("-legacy");
        await RestartDockerAsync("/run/host/legacy");
    }

    private async Task UninstallAsync(string kind) => await RunAsync($"""
        resolver uninstall --force; eventually ended daemon
        theirs {kind} | diff /run/host/before -
        test "$(iptables{kind} -S DOCKER-USER)" = "$(printf '%s\n' '-N DOCKER-USER' '-A DOCKER-USER -j RETURN')"
        theirs_work
        """);

    private async Task RestartDockerAsync(string iptables) => await RunAsync($"""
        start_daemon; serve; ours_work
        stop dockerd
        ours_work
        start_docker {iptables}; docker start contained
        ours_work; theirs_work; both_are_apart
        """);

    private Task<string> RunAsync(string script) => Host.OkAsync($"""
        source '{AppContext.BaseDirectory}/Beside/beside.sh'
        source '{AppContext.BaseDirectory}/control-groups.sh'
        control_group={_groups.Name}
        source '{AppContext.BaseDirectory}/Beside/docker.sh'
        {script}
        """);
}
