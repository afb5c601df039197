// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Endpoints;

/// <summary>What an endpoint has of its own: MTU, kernel parameters, routes.</summary>
public sealed class EndpointSettingsTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Kill = "kill -KILL $(cat /run/host/daemon.pid); eventually ended daemon; ";

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task Settings_are_on_the_right_interface_of_several_and_come_back_after_a_kill()
    {
        await _host.OkAsync("""
            resolver network create back --subnet 172.30.9.0/24
            ip netns add tuned; resolver network connect app --netns /run/netns/tuned --name tuned
            resolver network connect back tuned --mtu 1400 --sysctl net.ipv4.conf.IFNAME.log_martians=1 --route 10.8.0.0/16=172.30.9.9 \
              --driver-opt com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.forwarding=1,net.ipv4.neigh.IFNAME.gc_stale_time=77
            """);
        const string Inside = """
            ip netns exec tuned sysctl -n net.ipv4.conf.eth{0,1}.log_martians net.ipv4.conf.eth1.forwarding net.ipv4.neigh.eth1.gc_stale_time
            ip netns exec tuned cat /sys/class/net/eth1/mtu /sys/class/net/eth0/mtu; ip -n tuned route show 10.8.0.0/16
            """;
        const string Wanted = "0\n1\n1\n77\n1400\n1500\n10.8.0.0/16 via 172.30.9.9 dev eth1 proto static";
        Assert.Equal(Wanted, Trimmed(await _host.OkAsync(Inside)));
        JsonElement shown = JsonDocument.Parse(await _host.OkAsync("resolver network inspect back")).RootElement[0].GetProperty("endpoints")[0];
        Assert.Equal(1400, shown.GetProperty("mtu").GetInt32());
        Assert.Equal(
            ["net.ipv4.conf.IFNAME.log_martians=1", "net.ipv4.conf.IFNAME.forwarding=1", "net.ipv4.neigh.IFNAME.gc_stale_time=77"],
            shown.GetProperty("sysctls").EnumerateArray().Select(sysctl => sysctl.GetString()));
        Assert.Equal("10.8.0.0/16", shown.GetProperty("routes")[0].GetProperty("destination").GetString());

        await _host.OkAsync(Kill + """
            ip -n tuned link set eth1 mtu 1300; ip netns exec tuned sysctl -qw net.ipv4.conf.eth1.log_martians=0; ip -n tuned route delete 10.8.0.0/16
            start_daemon
            """);
        Assert.Equal(Wanted, Trimmed(await _host.OkAsync(Inside)));
        await _host.OkAsync("resolver network disconnect back tuned; resolver network disconnect app tuned; resolver network rm back; ip netns del tuned");
    }

    [Fact]
    public async Task A_program_that_is_run_finds_its_settings()
    {
        Assert.Equal("1 1280", await _host.OkAsync("""
            resolver run --network app --mtu 1280 --sysctl net.ipv4.conf.IFNAME.log_martians=1 -- \
              sh -c 'echo $(cat /proc/sys/net/ipv4/conf/eth0/log_martians /sys/class/net/eth0/mtu)'
            """));
    }

    [Theory]
    [InlineData("--sysctl net.ipv4.conf.IFNAME.no_such_thing=1", "no_such_thing")]
    [InlineData("--sysctl net.ipv4.conf.IFNAME.forwarding=1 --sysctl net.ipv4.conf.IFNAME.log_martians=yes", "'yes'")]
    [InlineData("--sysctl net.ipv4.conf.all.forwarding=1", "IFNAME")]
    [InlineData("--driver-opt com.docker.network.endpoint.sysctls=net.ipv4.ip_forward=1", "IFNAME")]
    [InlineData("--driver-opt com.docker.network.endpoint.wrong=1", "com.docker.network.endpoint.sysctls")]
    [InlineData("--route 10.8.0.0/16=172.31.0.9", "network app")]
    [InlineData("--route 10.8.0.0/16", "CIDR=GATEWAY")]
    [InlineData("--mtu 9000", "1500")]
    public async Task A_bad_setting_is_refused_and_nothing_is_left(string options, string says)
    {
        await _host.OkAsync("ip netns add refused");
        string refusal = await _host.RefusedAsync($"resolver network connect app --netns /run/netns/refused --name refused {options}");
        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.Equal("lo", await _host.OkAsync("ip -n refused -o link | awk -F': ' '{ print $2 }'; ip netns del refused"));
    }

    [Fact]
    public async Task Where_parameters_can_not_be_written_only_those_that_are_right_already_pass()
    {
        await _host.OkAsync("ip netns add sealed; mount -o bind,ro /proc/sys /proc/sys");
        string refusal = await _host.RefusedAsync(
            "resolver network connect app --netns /run/netns/sealed --name sealed --sysctl net.ipv4.conf.IFNAME.log_martians=1");
        Assert.Contains("/proc/sys can't be written by the daemon (EROFS)", refusal, StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect app --netns /run/netns/sealed --name sealed --sysctl net.ipv4.conf.IFNAME.log_martians=0");
        await _host.OkAsync("umount /proc/sys; resolver network disconnect app sealed; ip netns del sealed");
    }

    private static string Trimmed(string lines) => string.Join('\n', lines.Split('\n').Select(line => line.Trim()));
}
