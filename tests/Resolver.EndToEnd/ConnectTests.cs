// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

public sealed class ConnectTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_namespace_of_somebody_else_is_connected_and_disconnected()
    {
        await _host.OkAsync("ip netns add web; resolver network connect app --netns /run/netns/web --name web --ip 172.30.0.40");
        Assert.Equal("172.30.0.40/24", await _host.OkAsync("ip -n web -o -4 address show dev eth0 | awk '{ print $4 }'"));
        Assert.StartsWith("default via 172.30.0.1 dev eth0", await _host.OkAsync("ip -n web route show default"), StringComparison.Ordinal);
        Assert.Equal("127.0.0.1/8", await _host.OkAsync("ip -n web -o -4 address show dev lo up | awk '{ print $4 }'"));
        await _host.OkAsync("ip netns exec web ping -c 1 -W 2 172.30.0.1");
        Assert.Equal("172.30.0.40", await _host.OkAsync("dig_in web +short web"));

        await _host.OkAsync("resolver network disconnect app web");
        Assert.Equal("lo", await _host.OkAsync("ip -n web -o link | awk -F': ' '{ print $2 }'"));
        Assert.Equal("", await _host.OkAsync("nft list table inet resolver | grep -F 172.30.0.40 || true"));
        await _host.OkAsync("ip netns del web");
    }

    [Fact]
    public async Task A_namespace_is_connected_by_a_pid_in_it()
    {
        await _host.OkAsync("""
            background lonely unshare --net sleep 600
            is_apart() { test "$(readlink /proc/1/ns/net)" != "$(readlink "/proc/$(cat /run/host/lonely.pid)/ns/net")"; }
            eventually is_apart
            resolver network connect app --pid "$(cat /run/host/lonely.pid)" --name lonely
            """);
        string addresses = await _host.OkAsync("nsenter -t $(cat /run/host/lonely.pid) -n ip -o -4 address show dev eth0");
        Assert.Contains("172.30.0.", addresses, StringComparison.Ordinal);
        Assert.NotEqual("", await _host.OkAsync("nsenter -t $(cat /run/host/lonely.pid) -n dig +short +tries=1 lonely @127.0.0.11"));
        await _host.OkAsync("resolver network disconnect app lonely; stop lonely");
    }

    [Fact]
    public async Task A_veth_on_the_host_tells_whose_it_is()
    {
        await _host.OkAsync("ip netns add traced; resolver network connect app --netns /run/netns/traced --name traced");
        string alias = await _host.OkAsync("ip -d link show type veth | grep -F traced");
        Assert.Contains("app", alias, StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect app traced; ip netns del traced");
    }

    [Fact]
    public async Task A_sandbox_on_two_networks_sees_the_names_of_both()
    {
        await _host.OkAsync("""
            resolver network create back --subnet 172.30.9.0/24
            ip netns add both; resolver network connect app --netns /run/netns/both --name both
            resolver network connect back both
            ip netns add deep; resolver network connect back --netns /run/netns/deep --name deep --ip 172.30.9.77
            ip netns add shallow; resolver network connect app --netns /run/netns/shallow --name shallow --ip 172.30.0.78
            """);
        Assert.Equal("172.30.9.77", await _host.OkAsync("dig_in both +short deep"));
        Assert.Equal("172.30.0.78", await _host.OkAsync("dig_in both +short shallow"));
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in shallow deep.back"), StringComparison.Ordinal);
        await _host.OkAsync("ip netns exec both ping -c 1 -W 2 deep; ip netns exec both ping -c 1 -W 2 shallow");
        await _host.OkAsync("""
            resolver network disconnect app both; resolver network disconnect back both
            resolver network disconnect back deep; resolver network disconnect app shallow
            resolver network rm back; ip netns del both; ip netns del deep; ip netns del shallow
            """);
    }

    [Fact]
    public async Task A_path_that_is_no_namespace_is_refused()
    {
        Assert.Contains("/etc/passwd", await _host.RefusedAsync("resolver network connect app --netns /etc/passwd --name x"), StringComparison.Ordinal);
        Assert.Contains("/run/netns/gone", await _host.RefusedAsync("resolver network connect app --netns /run/netns/gone --name x"), StringComparison.Ordinal);
        Assert.Contains("/proc/1/ns/mnt", await _host.RefusedAsync("resolver network connect app --netns /proc/1/ns/mnt --name x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pid_that_is_gone_is_refused()
    {
        string refusal = await _host.RefusedAsync("""sh -c 'exit 0' & gone=$!; wait; echo $gone >/run/host/gone; resolver network connect app --pid $gone --name x""");
        Assert.Contains(await _host.OkAsync("cat /run/host/gone"), refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_name_is_refused_and_the_first_keeps_its_address()
    {
        await _host.OkAsync("ip netns add one; ip netns add two; resolver network connect app --netns /run/netns/one --name same --ip 172.30.0.60");
        string refusal = await _host.RefusedAsync("resolver network connect app --netns /run/netns/two --name same");
        Assert.Contains("same", refusal, StringComparison.Ordinal);
        Assert.Equal("172.30.0.60", await _host.OkAsync("dig_in one +short same"));
        Assert.Equal("lo", await _host.OkAsync("ip -n two -o link | awk -F': ' '{ print $2 }'"));
        await _host.OkAsync("resolver network disconnect app same; ip netns del one; ip netns del two");
    }

    [Fact]
    public async Task A_taken_address_is_refused_and_its_owner_named()
    {
        await _host.OkAsync("ip netns add has; ip netns add wants; resolver network connect app --netns /run/netns/has --name has --ip 172.30.0.61");
        string refusal = await _host.RefusedAsync("resolver network connect app --netns /run/netns/wants --name wants --ip 172.30.0.61");
        Assert.Contains("172.30.0.61", refusal, StringComparison.Ordinal);
        Assert.Contains("has", refusal, StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect app has; ip netns del has; ip netns del wants");
    }

    [Theory]
    [InlineData("--name -x")]
    [InlineData("--name 'a b'")]
    [InlineData("--name ok --alias 'a..b'")]
    [InlineData("--name ok --alias '.'")]
    [InlineData("--name ok --ip 172.31.0.9")]
    [InlineData("--name ok --ip 172.30.0.255")]
    [InlineData("--name ok --ip 172.30.0.1")]
    [InlineData("--name ok --ip nonsense")]
    public async Task Bad_names_and_addresses_are_refused(string options)
    {
        await _host.OkAsync("ip netns add strict");
        await _host.RefusedAsync($"resolver network connect app --netns /run/netns/strict {options}");
        Assert.Equal("lo", await _host.OkAsync("ip -n strict -o link | awk -F': ' '{ print $2 }'"));
        await _host.OkAsync("ip netns del strict");
    }

    [Fact]
    public async Task What_the_kernel_refuses_leaves_nothing_half_made()
    {
        // eth0 is taken in the namespace, so that the kernel itself refuses the interface that was asked for.
        await _host.OkAsync("ip netns add full; ip -n full link add eth0 type bridge");
        string refusal = await _host.RefusedAsync("resolver network connect app --netns /run/netns/full --name full --ifname eth0");
        Assert.Contains("eth0", refusal, StringComparison.Ordinal);
        Assert.Contains("NXDOMAIN", await _host.OkAsync(
            "ip netns add asks; resolver network connect app --netns /run/netns/asks --name asks; dig_in asks full.app"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network disconnect app asks; ip netns del asks; ip netns del full");
    }
}
