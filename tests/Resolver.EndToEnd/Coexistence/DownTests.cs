// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Coexistence;

/// <summary>The way out: what the daemon made goes, and what it changed is as before. A host each, since little is left of it.</summary>
public sealed class DownTests : IAsyncLifetime
{
    // What uninstalling must bring back, counters and time apart.
    private const string Settings = """
        settings() {
          sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.accept_ra net.ipv6.conf.eth0.forwarding net.ipv4.conf.all.route_localnet
        }
        sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.eth0.accept_ra=1 net.ipv6.conf.eth1.accept_ra=0

        """;

    private HostNamespace? _host;

    private HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync() => _host = await HostNamespace.StartAsync();

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Down_removes_what_there_is_while_its_processes_live_and_the_daemon_goes_on()
    {
        await Host.OkAsync("start_daemon");
        string before = await Host.SnapshotAsync();
        await Host.OkAsync("""
            resolver network create app --ipv6; resolver network create back --internal
            sandbox one app -p 8400:80; sandbox two back
            ip netns add three; resolver network connect app --netns /run/netns/three --name third
            resolver network connect back third
            resolver register app outside --ip 198.51.100.7
            """);
        Assert.Contains("nobody to ask", (await Host.RunAsync("resolver down")).Refused(), StringComparison.Ordinal);
        Assert.Equal("3 sandboxes and 2 networks removed", await Host.OkAsync("resolver down --force"));
        await Host.OkAsync("kill -0 \"$(cat /run/host/one.pid)\" && kill -0 \"$(cat /run/host/two.pid)\" && ip -n three link show lo && ip netns delete three");
        Assert.Equal(before, await Host.SnapshotAsync());
        Assert.Equal("0 sandboxes and 0 networks removed", await Host.OkAsync("resolver down --force"));
        await Host.OkAsync("resolver network create app; sandbox again app -p 8400:80; stop one; stop two");
    }

    [Fact]
    public async Task After_an_uninstallation_the_host_is_as_it_was_before_the_first_start()
    {
        await Host.OkAsync($"{Settings} iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; ip6tables -L >/dev/null");
        await Host.OkAsync("iptables -P FORWARD ACCEPT; iptables -F; iptables -X DOCKER-USER");
        string before = await Host.SnapshotAsync();
        await Host.OkAsync($$"""
            {{Settings}}
            settings >/run/host/settings
            iptables-save | sed '/^#/d; s/\[.*\]//' >/run/host/saved
            start_daemon
            resolver network create app --ipv6; sandbox one app -p 8400:80
            test "$(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.accept_ra net.ipv6.conf.eth1.accept_ra | tr '\n' ' ')" = '1 1 2 0 '
            # What is recorded outlives a daemon that dies.
            kill -KILL "$(cat /run/host/daemon.pid)"; eventually ended daemon; start_daemon
            """);
        string said = await Host.OkAsync("resolver uninstall --force; eventually ended daemon");
        Assert.Equal(
            """
            1 sandboxes and 2 networks removed
            net.ipv6.conf.all.forwarding is 0 again
            net.ipv6.conf.eth0.accept_ra is 1 again
            net.ipv4.ip_forward is 0 again
            """,
            said);
        await Host.OkAsync($$"""
            {{Settings.Split("sysctl -qw")[0]}}
            diff /run/host/settings <(settings)
            diff /run/host/saved <(iptables-save | sed '/^#/d; s/\[.*\]//')
            test ! -e /run/resolver/resolver.sock
            """);
        Assert.Equal(before, await Host.SnapshotAsync());

        // And once more from the start.
        await Host.OkAsync("start_daemon; resolver network create app");
    }

    [Fact]
    public async Task A_setting_that_somebody_else_has_changed_since_or_that_Docker_needs_stays()
    {
        await Host.OkAsync($$"""
            {{Settings}}
            start_daemon
            resolver network create app --ipv6
            iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A DOCKER-USER -j RETURN
            eventually sh -c 'iptables-save | grep -q -- "--comment resolver"'
            sysctl -qw net.ipv6.conf.eth0.accept_ra=0
            """);
        string said = await Host.OkAsync("resolver uninstall --force; eventually ended daemon");
        Assert.Contains("net.ipv4.ip_forward stays 1 (it was 0): Docker is on this host and needs it", said, StringComparison.Ordinal);
        Assert.Contains("net.ipv6.conf.eth0.accept_ra stays 0: we set it to 2, somebody else to this", said, StringComparison.Ordinal);
        Assert.Equal("-N DOCKER-USER\n-A DOCKER-USER -j RETURN", await Host.OkAsync("iptables -S DOCKER-USER"));
        Assert.Equal("1\n0", await Host.OkAsync("sysctl -n net.ipv4.ip_forward net.ipv6.conf.eth0.accept_ra"));
    }

    [Fact]
    public async Task Where_settings_are_read_only_what_is_right_already_will_do_and_what_is_not_is_named()
    {
        string before = await Host.SnapshotAsync();
        CommandResult start = await Host.RunAsync($"{Settings} mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; timeout 20 resolverd");
        Assert.Equal(1, start.ExitCode);
        Assert.Contains("net.ipv4.ip_forward is 0 and can't be set to 1", start.Error, StringComparison.Ordinal);
        Assert.Contains("sysctl -w net.ipv4.ip_forward=1", start.Error, StringComparison.Ordinal);
        Assert.Equal(before, await Host.SnapshotAsync());
        await Host.OkAsync("umount /proc/sys; sysctl -qw net.ipv4.ip_forward=1; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys; start_daemon");
        await Host.OkAsync("resolver network create app; sandbox one app; ip netns exec one ping -c 1 -W 2 198.51.100.53");
        string refused = await Host.RefusedAsync("resolver network create six --ipv6");
        Assert.Contains("net.ipv6.conf.", refused, StringComparison.Ordinal);
        await Host.OkAsync("resolver network create inner --internal; umount /proc/sys");
    }
}
