// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Endpoints;

/// <summary>Connects and disconnects where something is taken, missing, or was changed by somebody else's hand.</summary>
public sealed class DisturbedConnectTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    // Everything of the host and of one sandbox, without what a link made anew gets anew.
    private const string Everything = """
        settled() { ! ip -6 address | grep -q tentative; }
        everything() {
          eventually settled
          strip() { sed -E 's/"(ifindex|link_index|operstate|flags|qdisc|link_netnsid|valid_life_time|preferred_life_time|[a-z_]+_timer|(tso|gso|gro)_[a-z0-9_]+)":(\[[^]]*\]|[^,}]*),?//g; s/"tentative":true,?//g; s/,([]}])/\1/g'; }
          ip -d -j link | strip; ip -d -j address | strip; ip -d -j route show table all | strip; nft -j list ruleset
          ip -n "$1" -d -j link | strip; ip -n "$1" -d -j address | strip; ip -n "$1" -d -j route show table all | strip; ip netns exec "$1" nft -j list ruleset
        }

        """;

    private readonly HostNamespace _host = app.Host;

    [Theory]
    [InlineData("--ifname sixteen-octets-x", "1 to 15")]
    [InlineData("--ifname lo", "lo")]
    [InlineData("--ifname eth0", "eth0")] // The first endpoint's.
    [InlineData("--ifname foreign0", "foreign0")] // Somebody else's inside the namespace.
    public async Task An_interface_name_that_can_not_be_is_refused_and_nothing_changes(string option, string says)
    {
        await _host.OkAsync("""
            ip netns add names11; resolver network connect app --netns /run/netns/names11 --name names11
            ip -n names11 link add foreign0 type bridge; resolver network create back11 --subnet 172.30.11.0/24
            """);
        string before = await EverythingAsync("names11");
        string refusal = await _host.RefusedAsync($"resolver network connect back11 names11 {option}");
        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync("names11"));
        await _host.OkAsync("resolver network disconnect app names11; resolver network rm back11; ip netns del names11");
    }

    [Theory]
    [InlineData("eth")]
    [InlineData("eth1")]
    [InlineData("fifteen-octets-")]
    [InlineData("veth0.100")]
    public async Task An_interface_name_that_others_begin_like_is_used(string name)
    {
        await _host.OkAsync("""
            ip netns add names12; resolver network connect app --netns /run/netns/names12 --name names12 --ifname eth10
            resolver network create back12 --subnet 172.30.12.0/24
            """);
        string before = await EverythingAsync("names12");
        await _host.OkAsync($"resolver network connect back12 names12 --ifname {name} --sysctl net.ipv4.conf.IFNAME.log_martians=1");
        Assert.Equal("1", await _host.OkAsync($"ip netns exec names12 cat /proc/sys/net/ipv4/conf/{name}/log_martians"));
        await _host.OkAsync("resolver network disconnect back12 names12");
        Assert.Equal(before, await EverythingAsync("names12"));
        await _host.OkAsync("resolver network disconnect app names12; resolver network rm back12; ip netns del names12");
    }

    [Fact]
    public async Task One_namespace_is_one_sandbox_whatever_it_is_called()
    {
        await _host.OkAsync("ip netns add shared; resolver network connect app --netns /run/netns/shared --name shared; touch /run/netns/again; mount --bind /run/netns/shared /run/netns/again");
        string before = await EverythingAsync("shared");
        string refusal = await _host.RefusedAsync("resolver network connect bridge --netns /run/netns/again --name again");
        Assert.Contains("is sandbox shared already", refusal, StringComparison.Ordinal);
        refusal = await _host.RefusedAsync("resolver network connect app --netns /run/netns/again");
        Assert.Contains("on that network already", refusal, StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync("shared"));
        await _host.OkAsync("umount /run/netns/again; rm /run/netns/again; resolver network disconnect app shared; ip netns del shared");
    }

    [Fact]
    public async Task A_namespace_without_IPv6_joins_a_network_of_IPv4_and_is_refused_where_it_would_need_it()
    {
        await _host.OkAsync("""
            resolver network create dual14 --subnet 172.30.14.0/24 --subnet fd00:14::/64
            ip netns add four; ip netns exec four sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
            """);
        string before = await EverythingAsync("four");
        string refusal = await _host.RefusedAsync("resolver network connect dual14 --netns /run/netns/four --name four");
        Assert.Contains("IPv6", refusal, StringComparison.Ordinal);
        Assert.Contains("disable_ipv6", refusal, StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync("four"));

        await _host.OkAsync("resolver network connect app --netns /run/netns/four --name four; ip netns exec four ping -c 1 -W 2 172.30.0.1");
        await _host.OkAsync("resolver network connect dual14 four --sysctl net.ipv6.conf.IFNAME.disable_ipv6=0");
        await _host.OkAsync("ip netns exec four ping -c 1 -W 2 fd00:14::1");
        await _host.OkAsync("resolver network disconnect dual14 four; resolver network disconnect app four; resolver network rm dual14; ip netns del four");
    }

    [Fact]
    public async Task A_veth_that_somebody_deleted_hinders_neither_disconnect_nor_rm_nor_a_new_connect()
    {
        await _host.OkAsync("ip netns add torn15; ip -n torn15 link set lo up; resolver network create back15 --subnet 172.30.15.0/24");
        string before = await EverythingAsync("torn15");
        await _host.OkAsync("resolver network connect back15 --netns /run/netns/torn15 --name torn15 -p 8088:80; ip -n torn15 link delete eth0");
        await _host.OkAsync("resolver network disconnect back15 torn15");
        Assert.Equal(before, await EverythingAsync("torn15"));
        await _host.OkAsync("""
            resolver network connect back15 --netns /run/netns/torn15 --name torn15 -p 8088:80; ip netns exec torn15 ping -c 1 -W 2 172.30.15.1
            ip -n torn15 link delete eth0; resolver rm torn15
            """);
        Assert.Equal(before, await EverythingAsync("torn15"));
        await _host.OkAsync("resolver network rm back15; ip netns del torn15");
    }

    [Fact]
    public async Task A_bridge_that_somebody_deleted_is_named_and_what_was_on_it_can_go()
    {
        await _host.OkAsync("ip netns add torn16; ip netns add late; resolver network create back16 --subnet 172.30.16.0/24; resolver network connect app --netns /run/netns/torn16 --name torn16");
        string before = await EverythingAsync("torn16");
        await _host.OkAsync("resolver network connect back16 torn16");

        // It comes back by itself, but later each time: the fifth time there is a second for the rest.
        string refusal = (await _host.RunAsync("""
            bridge=$(ip -o route get 172.30.16.9 | sed -E 's/.* dev ([^ ]+) .*/\1/')
            for i in $(seq 5); do eventually ip link delete "$bridge"; done
            resolver network connect back16 --netns /run/netns/late --name late
            """)).Refused();
        Assert.Contains("bridge br-", refusal, StringComparison.Ordinal);
        Assert.Contains("is missing", refusal, StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect back16 torn16; resolver network rm back16; ip netns exec torn16 ping -c 1 -W 2 172.30.0.1");
        await _host.OkAsync("resolver network create back16 --subnet 172.30.16.0/24");
        Assert.Equal(Unnamed(before), Unnamed(await EverythingAsync("torn16")));
        await _host.OkAsync("resolver network disconnect app torn16; resolver network rm back16; ip netns del torn16; ip netns del late");
    }

    [Fact]
    public async Task A_namespace_that_vanishes_while_it_is_connected_leaves_nothing()
    {
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("""
            apart() { [[ $(readlink /proc/1/ns/net) != $(readlink "/proc/$(cat /run/host/short.pid)/ns/net") ]]; }
            for i in $(seq 20); do
              background short unshare --net sleep 600
              eventually apart
              resolver network connect app --pid "$(cat /run/host/short.pid)" --name "short$i" >/run/host/out 2>&1 & connecting=$!
              kill -KILL "$(cat /run/host/short.pid)"
              wait $connecting || test "$(wc -l </run/host/out)" = 1
              eventually gone "short$i"
            done
            """);
        Assert.Equal(before, await _host.SnapshotAsync());
    }

    // A network that was made again has another id, so its bridge another name and address, and stands elsewhere in the lists.
    private static string Unnamed(string everything) => string.Join('\n', System.Text.RegularExpressions.Regex.Split(
        System.Text.RegularExpressions.Regex.Replace(
            everything, "br-[0-9a-f]{12}|([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}|[0-9a-f]{4}\\.[0-9a-f]{12}|resolver:[a-z]+:[^\"]*|\"port_[a-z_]+\":[^,}]*", ""),
        "[{}\n]").Select(part => part.Trim(',', ' ')).Where(part => part.Length > 0).Order(StringComparer.Ordinal));

    private async Task<string> EverythingAsync(string sandbox) =>
        System.Text.RegularExpressions.Regex.Replace(await _host.OkAsync($"{Everything}everything {sandbox}"), "\"handle\": *[0-9]+", "");
}
