// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

public sealed class NetworkTests(RunningHost running) : IClassFixture<RunningHost>
{
    private readonly HostNamespace _host = running.Host;

    [Fact]
    public async Task A_network_is_a_bridge_with_the_gateway_address_and_forwarding_on()
    {
        await _host.OkAsync("resolver network create plain --subnet 172.30.0.0/24");
        Assert.Equal("bridge", await _host.OkAsync(
            "ip -d -j link show $(ip -o -4 address show to 172.30.0.1/32 | awk '{ print $2 }') | grep -o '\"info_kind\":\"[a-z]*\"' | cut -d'\"' -f4"));
        Assert.Equal("1", await _host.OkAsync("cat /proc/sys/net/ipv4/ip_forward"));
        await _host.OkAsync("resolver network rm plain");
        Assert.Equal("", await _host.OkAsync("ip -o -4 address show to 172.30.0.1/32"));
    }

    [Fact]
    public async Task Networks_are_listed_and_inspected()
    {
        await _host.OkAsync("resolver network create listed --subnet 172.30.1.0/24");
        string table = await _host.OkAsync("resolver network ls");
        Assert.Contains(table.Split('\n'), line => line.Contains("listed", StringComparison.Ordinal));
        Assert.Contains(table.Split('\n'), line => line.Contains("bridge", StringComparison.Ordinal));
        Assert.Contains("\"listed\"", await _host.OkAsync("resolver network ls --format json"), StringComparison.Ordinal);
        string inspected = await _host.OkAsync("resolver network inspect listed");
        Assert.Contains("172.30.1.0/24", inspected, StringComparison.Ordinal);
        Assert.Contains("172.30.1.1", inspected, StringComparison.Ordinal);
        await _host.OkAsync("resolver network rm listed");
        Assert.DoesNotContain("listed", await _host.OkAsync("resolver network ls"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_live_in_our_tables_and_no_other_is_touched()
    {
        await _host.OkAsync("nft add table ip other; nft add chain ip other keep; resolver network create tabled --subnet 172.30.2.0/24");
        Assert.Equal("table bridge resolver\ntable inet resolver\ntable ip other", await _host.OkAsync("nft list tables | sort"));
        Assert.Contains("172.30.2.0/24", await _host.OkAsync("nft list table inet resolver"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network rm tabled; nft delete table ip other");
        Assert.DoesNotContain("172.30.2.0/24", await _host.OkAsync("nft list table inet resolver"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_removes_what_nobody_is_connected_to_and_nothing_else()
    {
        await _host.OkAsync("resolver network create idle1; resolver network create idle2; resolver network create busy; sandbox user busy");
        Assert.Equal("idle1\nidle2", await _host.OkAsync("resolver network prune --force"));
        string left = await _host.OkAsync("resolver network ls");
        Assert.Contains("busy", left, StringComparison.Ordinal);
        Assert.Contains("bridge", left, StringComparison.Ordinal);
        await _host.OkAsync("remove user; resolver network rm busy");
    }

    [Fact]
    public async Task A_subnet_taken_from_the_pool_avoids_the_hosts_routes()
    {
        // Whatever the default network took from the pool, the next /24s belong to a route of the host.
        await _host.OkAsync("for n in $(seq 0 20); do ip route add unreachable 10.201.$n.0/24 2>/dev/null || true; done");
        await _host.OkAsync("resolver network create pooled");
        string address = await _host.OkAsync("ip -o -4 address show | awk '{ print $4 }' | grep -F 10.201.21.1/24");
        Assert.Equal("10.201.21.1/24", address);
        await _host.OkAsync("resolver network rm pooled; for n in $(seq 0 20); do ip route del unreachable 10.201.$n.0/24 2>/dev/null || true; done");
    }

    [Fact]
    public async Task A_network_in_use_is_not_removed_and_its_user_is_named()
    {
        await _host.OkAsync("resolver network create busy --subnet 172.30.3.0/24; sandbox occupant busy");
        string refusal = await _host.RefusedAsync("resolver network rm busy");
        Assert.Contains("busy", refusal, StringComparison.Ordinal);
        Assert.Contains("occupant", refusal, StringComparison.Ordinal);
        await _host.OkAsync("remove occupant; resolver network rm busy");
    }

    [Fact]
    public async Task An_overlapping_subnet_is_refused_and_what_it_overlaps_is_named()
    {
        await _host.OkAsync("resolver network create first --subnet 172.30.4.0/24");
        string refusal = await _host.RefusedAsync("resolver network create second --subnet 172.30.4.128/25");
        Assert.Contains("172.30.4.128/25", refusal, StringComparison.Ordinal);
        Assert.Contains("first", refusal, StringComparison.Ordinal);
        await _host.OkAsync("resolver network rm first");
    }

    [Fact]
    public async Task A_subnet_that_overlaps_a_route_of_the_host_is_refused()
    {
        string refusal = await _host.RefusedAsync("resolver network create lan --subnet 192.0.2.0/25");
        Assert.Contains("192.0.2.0/2", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--subnet 172.30.5.7/24", "172.30.5.0/24")]
    [InlineData("--subnet 172.30.5.0", "172.30.5.0")]
    [InlineData("--subnet 172.30.5.0/33", "172.30.5.0/33")]
    [InlineData("--subnet rubbish", "rubbish")]
    public async Task A_subnet_that_is_none_is_refused_with_what_is_wrong(string options, string named)
    {
        Assert.Contains(named, await _host.RefusedAsync($"resolver network create wrong {options}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-app")]
    [InlineData("a..b")]
    [InlineData("sp ace")]
    [InlineData("über")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_name_that_is_no_dns_name_is_refused(string name)
    {
        await _host.RefusedAsync($"resolver network create --subnet 172.30.6.0/24 -- '{name}'");
    }

    [Fact]
    public async Task A_taken_name_is_refused_whatever_its_case()
    {
        await _host.OkAsync("resolver network create Taken --subnet 172.30.7.0/24");
        Assert.Contains("taken", await _host.RefusedAsync("resolver network create taken --subnet 172.30.8.0/24"), StringComparison.OrdinalIgnoreCase);
        await _host.OkAsync("resolver network rm Taken");
    }

    [Fact]
    public async Task An_unknown_network_is_refused_by_its_name()
    {
        Assert.Contains("nowhere", await _host.RefusedAsync("resolver network rm nowhere"), StringComparison.Ordinal);
        Assert.Contains("nowhere", await _host.RefusedAsync("resolver network inspect nowhere"), StringComparison.Ordinal);
        Assert.Contains("nowhere", await _host.RefusedAsync("resolver run --network nowhere -- true"), StringComparison.Ordinal);
    }
}
