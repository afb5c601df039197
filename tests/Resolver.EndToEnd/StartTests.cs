// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What stands in the way of a start is said, and nothing is left half-made.</summary>
public sealed class StartTests(BareHost bare) : IClassFixture<BareHost>
{
    private readonly HostNamespace _host = bare.Host;

    [Fact]
    public async Task Without_the_capability_to_configure_networks_the_daemon_says_so()
    {
        Assert.Contains("CAP_NET_ADMIN", await RefusedStartAsync(
            "setpriv --bounding-set -net_admin --inh-caps -net_admin resolverd"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_libnftables_the_daemon_names_the_library_and_the_package()
    {
        string said = await RefusedStartAsync("""
            unshare --mount --propagation private bash -c '
              for file in /usr/lib/*/libnftables.so.1* /usr/lib/libnftables.so.1*; do
                if test -f "$file"; then mount --bind /dev/null "$(readlink -f "$file")"; fi
              done
              exec resolverd'
            """);
        Assert.Contains("libnftables1", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_daemon_the_command_says_where_it_looked()
    {
        Assert.Contains("/run/resolver/resolver.sock", (await _host.RunAsync("resolver network ls")).Refused(), StringComparison.Ordinal);
        Assert.Contains("/tmp/elsewhere.sock", (await _host.RunAsync("resolver --socket /tmp/elsewhere.sock network ls")).Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paths_are_taken_from_options()
    {
        string sockets = await _host.OkAsync("""
            background other resolverd --run-dir /run/host/r --state-dir /run/host/s --socket /run/host/other.sock
            export RESOLVER_SOCKET=/run/host/other.sock
            resolver status --wait 20s >/dev/null
            stat -c '%a %F' /run/host/other.sock
            resolver network create there --subnet 172.30.0.0/24 >/dev/null
            resolver run --network there -- true
            ls /run/host/s | head -1 >/run/host/state
            resolver network rm there >/dev/null
            test ! -e /run/resolver/resolver.sock
            stop other
            """);
        Assert.Equal("660 socket", sockets);
        Assert.NotEqual("", await _host.OkAsync("cat /run/host/state"));
    }

    private async Task<string> RefusedStartAsync(string command)
    {
        string before = await _host.SnapshotAsync();
        CommandResult result = await _host.RunAsync($"timeout 20 {command}");
        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual(124, result.ExitCode);
        Assert.DoesNotContain("   at ", result.Error + result.Output, StringComparison.Ordinal);
        Assert.Equal(before, await _host.SnapshotAsync());
        return result.Error + result.Output;
    }
}
