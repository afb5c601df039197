// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Beside;

/// <summary>Real firewalls on the same host: both drop what is forwarded, say so by <c>resolver status</c>, and let our networks pass when told to.</summary>
public sealed class FirewallTests : IAsyncLifetime
{
    private HostNamespace? _host;

    private HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _host = await HostNamespace.StartAsync();
        await RunAsync("cover_machine");
    }

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task What_ufw_drops_is_named_with_what_to_do_and_that_helps()
    {
        await RunAsync("""
            ufw --force enable; ufw default deny routed; saved >/run/host/before
            start_daemon; serve
            refuses 192.0.2.1 8200 ip netns exec client
            refuses 198.51.100.53 99 ip netns exec guest
            """);
        string status = await RunAsync("resolver status; saved | diff /run/host/before -");
        foreach (string table in (string[])["ip filter", "ip6 filter"])
        {
            Assert.Contains($"warning: chain FORWARD of table {table} drops forwarded packets (policy drop)", status, StringComparison.Ordinal);
        }

        Assert.Contains("let our bridges pass there: ufw route allow in on BRIDGE, and ufw route allow out on BRIDGE", status, StringComparison.Ordinal);
        await RunAsync("""
            bridge=$(bridge_of_app)
            ufw route allow in on "$bridge"; ufw route allow out on "$bridge"
            ours_work
            ufw reload; ours_work
            ufw route delete allow in on "$bridge"; ufw route delete allow out on "$bridge"
            saved | diff /run/host/before -
            """);
    }

    [Fact]
    public async Task Rules_for_all_our_networks_in_the_configuration_of_ufw_end_the_warning_and_outlive_the_daemon()
    {
        // As docs/operations.md has it.
        await RunAsync("""
            for family in '' 6; do
              for direction in src dst; do
                sed -i "/^# End required lines/a -A ufw$family-before-forward -m devgroup --$direction-group 0x52530010/0xfffffff0 -j ACCEPT" "/etc/ufw/before$family.rules"
              done
            done
            ufw --force enable; saved >/run/host/before
            start_daemon; serve; ours_work
            """);
        Assert.DoesNotContain("warning", await RunAsync("resolver status"), StringComparison.Ordinal);
        await RunAsync("""
            resolver uninstall --force; eventually ended daemon
            saved | diff /run/host/before -
            """);
    }

    [Fact]
    public async Task What_firewalld_rejects_is_named_with_what_to_do_and_that_helps()
    {
        await RunAsync($$"""
            mkdir -p /run/dbus
            background bus dbus-daemon --config-file='{{AppContext.BaseDirectory}}/Beside/bus.conf' --nofork --nopidfile
            eventually test -S /run/dbus/system_bus_socket
            background firewalld firewalld --nofork --nopid
            eventually firewall-cmd --state
            nft -s list table inet firewalld >/run/host/before
            start_daemon; serve
            refuses 198.51.100.53 99 ip netns exec guest
            """);
        string status = await RunAsync("resolver status; nft -s list table inet firewalld | diff /run/host/before -");
        Assert.Contains("warning: chain filter_FORWARD of table inet firewalld drops forwarded packets (reject", status, StringComparison.Ordinal);
        Assert.Contains("firewall-cmd --permanent --zone=trusted --add-interface=BRIDGE, and firewall-cmd --reload", status, StringComparison.Ordinal);
        await RunAsync("""
            bridge=$(bridge_of_app)
            firewall-cmd --permanent --zone=trusted --add-interface="$bridge"; firewall-cmd --reload
            ours_work
            firewall-cmd --permanent --zone=trusted --remove-interface="$bridge"; firewall-cmd --reload
            refuses 198.51.100.53 99 ip netns exec guest
            resolver uninstall --force; eventually ended daemon
            nft -s list table inet firewalld | diff /run/host/before -
            """);
    }

    private Task<string> RunAsync(string script) => Host.OkAsync($"""
        source '{AppContext.BaseDirectory}/Beside/beside.sh'
        {script}
        """);
}
