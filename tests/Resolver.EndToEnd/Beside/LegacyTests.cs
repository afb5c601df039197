// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Beside;

/// <summary>Rules of iptables-legacy, which nft does not show and whose changes nobody announces.</summary>
public sealed class LegacyTests : IAsyncLifetime
{
    private const string Functions = """
        no_warning() { ! resolver status | grep warning; }
        tables() { cat /proc/net/ip_tables_names /proc/net/ip6_tables_names; }
        rules_of_ours() { test "$(saved -legacy | grep -c -- '--comment resolver')" = "$1"; }

        """;

    private HostNamespace? _host;

    private HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync() => _host = await HostNamespace.StartAsync();

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task An_accept_goes_to_the_chain_for_others_comes_back_when_it_is_flushed_and_goes_when_we_go()
    {
        await RunAsync("""
            start_daemon; serve; ours_work
            resolver status
            test -z "$(tables)" # Nobody asked, so nobody made a table.
            for tool in iptables-legacy ip6tables-legacy; do
              $tool -N DOCKER-USER; $tool -A DOCKER-USER -j RETURN
              $tool -P FORWARD DROP; $tool -A FORWARD -j DOCKER-USER
            done
            saved -legacy >/run/host/before
            eventually rules_of_ours 11 # IPv4 was switched on by us, IPv6 was not.
            ours_work
            iptables-legacy -F DOCKER-USER; iptables-legacy -A DOCKER-USER -j RETURN
            eventually rules_of_ours 11
            ours_work
            """);
        Assert.DoesNotContain("warning", await RunAsync("resolver status"), StringComparison.Ordinal);
        await RunAsync("""
            resolver uninstall --force; eventually ended daemon
            saved -legacy | diff /run/host/before -
            """);
    }

    [Theory]
    [InlineData("iptables-legacy -P FORWARD DROP", "(policy drop)")]
    [InlineData("iptables-legacy -A FORWARD -m comment --comment 'the end' -j REJECT --reject-with icmp-port-unreachable", "(REJECT --reject-with icmp-port-unreachable)")]
    public async Task A_chain_that_drops_is_named_by_status_at_once_and_what_it_says_helps(string rule, string how)
    {
        await RunAsync($"""
            start_daemon; serve
            {rule}; saved -legacy >/run/host/before
            refuses 192.0.2.1 8200 ip netns exec client
            """);
        string status = await RunAsync("resolver status");
        Assert.Contains($"warning: chain FORWARD of table ip filter of iptables-legacy drops forwarded packets {how}", status, StringComparison.Ordinal);
        Assert.Contains("iptables-legacy -I FORWARD -m devgroup --src-group 0x52530010/0xfffffff0 -j ACCEPT, and the same with --dst-group", status, StringComparison.Ordinal);
        await RunAsync("""
            saved -legacy | diff /run/host/before -
            iptables-legacy -I FORWARD -m devgroup --src-group 0x52530010/0xfffffff0 -j ACCEPT
            iptables-legacy -I FORWARD -m devgroup --dst-group 0x52530010/0xfffffff0 -j ACCEPT
            no_warning
            ours_work
            """);
    }

    [Fact]
    public async Task An_accept_stays_away_if_told_so_and_the_chain_that_drops_is_named()
    {
        await RunAsync("""
            iptables-legacy -N DOCKER-USER; iptables-legacy -A FORWARD -j DOCKER-USER; iptables-legacy -P FORWARD DROP
            saved -legacy >/run/host/before
            start_daemon --docker-user false
            resolver status | grep 'chain FORWARD of table ip filter of iptables-legacy drops forwarded packets (policy drop)'
            saved -legacy | diff /run/host/before -
            """);
    }

    private Task<string> RunAsync(string script) => Host.OkAsync($"""
        source '{AppContext.BaseDirectory}/Beside/beside.sh'
        {Functions}
        {script}
        """);
}
