// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

public sealed class PublishTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Serve = "mkdir -p /run/host/www; echo hello >/run/host/www/index.html; ";
    private const string Fetch = "curl --silent --show-error --max-time 3";

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_published_port_is_reached_from_outside_from_the_host_and_by_hairpin()
    {
        await ServeAsync("web", "-p 8080:80", 80);
        await _host.OkAsync("sandbox neighbour app");
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec client {Fetch} http://192.0.2.1:8080"));
        Assert.Equal("hello", await _host.OkAsync($"{Fetch} http://127.0.0.1:8080"));
        Assert.Equal("hello", await _host.OkAsync($"{Fetch} http://192.0.2.1:8080"));
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec neighbour {Fetch} http://192.0.2.1:8080"));
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec web {Fetch} http://192.0.2.1:8080"));
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec neighbour {Fetch} http://web"));
        await _host.OkAsync("remove web neighbour");
        Assert.NotEqual(0, (await _host.RunAsync($"ip netns exec client {Fetch} http://192.0.2.1:8080")).ExitCode);
    }

    [Fact]
    public async Task A_port_published_on_loopback_is_the_hosts_alone()
    {
        await ServeAsync("private", "-p 127.0.0.1:8081:80", 80);
        Assert.Equal("hello", await _host.OkAsync($"{Fetch} http://127.0.0.1:8081"));
        Assert.NotEqual(0, (await _host.RunAsync($"ip netns exec client {Fetch} http://192.0.2.1:8081")).ExitCode);
        Assert.NotEqual(0, (await _host.RunAsync($"{Fetch} http://192.0.2.1:8081")).ExitCode);
        await _host.OkAsync("remove private");
    }

    [Fact]
    public async Task A_port_published_on_one_address_answers_at_that_address()
    {
        await ServeAsync("onlylan", "-p 192.0.2.1:8082:80/tcp", 80);
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec client {Fetch} http://192.0.2.1:8082"));
        Assert.NotEqual(0, (await _host.RunAsync($"ip netns exec upstream {Fetch} http://198.51.100.1:8082")).ExitCode);
        await _host.OkAsync("remove onlylan");
    }

    [Fact]
    public async Task A_udp_port_is_published_and_leaves_the_tcp_port_alone()
    {
        await _host.OkAsync("""
            sandbox names app -p 5300:53/udp
            inside names dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --address=/inner.test/203.0.113.9
            answers() { test "$(ip netns exec client dig +short +tries=1 +time=1 -p 5300 @192.0.2.1 inner.test)" = 203.0.113.9; }
            eventually answers
            """);
        Assert.Equal("203.0.113.9", await _host.OkAsync("dig +short +tries=1 +time=2 -p 5300 @127.0.0.1 inner.test"));
        Assert.NotEqual(0, (await _host.RunAsync("ip netns exec client dig +tcp +tries=1 +time=1 -p 5300 @192.0.2.1 inner.test")).ExitCode);
        await _host.OkAsync("remove names");
    }

    [Fact]
    public async Task The_address_of_a_client_outside_is_seen_as_it_is()
    {
        await _host.OkAsync("""
            sandbox seer app -p 7007:7007
            inside seer seer-server busybox nc -ll -p 7007 -e sh -c 'ss -tn state connected "( sport = :7007 )"'
            listens() { resolver exec seer -- ss -ltn | grep -q :7007; }
            eventually listens
            """);
        Assert.Contains("192.0.2.2", await _host.OkAsync("ip netns exec client timeout 3 busybox nc 192.0.2.1 7007 </dev/null"), StringComparison.Ordinal);
        await _host.OkAsync("remove seer");
    }

    [Fact]
    public async Task What_leaves_for_other_networks_bears_the_hosts_address()
    {
        // The upstream has no route to 172.30.0.0/24: an echo reply means that the host's address was put in.
        await _host.OkAsync("sandbox leaver app; ip netns exec leaver ping -c 1 -W 2 198.51.100.53; ip netns exec leaver ping -c 1 -W 2 192.0.2.2");
        await _host.OkAsync("remove leaver");
    }

    [Fact]
    public async Task A_port_of_ours_is_refused_to_a_second_and_its_owner_is_named()
    {
        await _host.OkAsync("sandbox owner app -p 8083:80");
        string refusal = await _host.RefusedAsync("resolver run --network app --name rival -p 8083:80 -- true");
        Assert.Contains("8083", refusal, StringComparison.Ordinal);
        Assert.Contains("owner", refusal, StringComparison.Ordinal);
        await _host.RefusedAsync("resolver run --network app --name rival -p 127.0.0.1:8083:80 -- true");
        await _host.OkAsync("resolver run --network app --name rival -p 8083:80/udp -- true");
        await _host.OkAsync("remove owner");
    }

    [Fact]
    public async Task A_port_of_another_process_is_refused()
    {
        await _host.OkAsync("background squatter busybox httpd -f -p 8084 -h /; taken() { ss -ltn | grep -q :8084; }; eventually taken");
        Assert.Contains("8084", await _host.RefusedAsync("resolver run --network app --name late -p 8084:80 -- true"), StringComparison.Ordinal);
        await _host.OkAsync("stop squatter");
    }

    [Fact]
    public async Task A_range_is_one_element_and_leads_each_port_to_its_own()
    {
        await ServeAsync("ranged", "-p 9000-9010:9000-9010 -p 9100-9102:9000-9002", 9001);
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec client {Fetch} http://192.0.2.1:9001"));
        Assert.Equal("hello", await _host.OkAsync($"{Fetch} http://127.0.0.1:9101"));
        Assert.NotEqual(0, (await _host.RunAsync($"ip netns exec client {Fetch} http://192.0.2.1:9002")).ExitCode);
        Assert.Contains("9000-9010 : 172.30.0.", await _host.OkAsync("nft list map inet resolver tcp_ranges4"), StringComparison.Ordinal);
        Assert.Contains("0.0.0.0:9000-9010->9000-9010/tcp", await _host.OkAsync("resolver ps"), StringComparison.Ordinal);
        Assert.Contains("ranged", await _host.RefusedAsync("resolver run --network app --name in-range -p 9005:80 -- true"), StringComparison.Ordinal);
        await _host.OkAsync("remove ranged");
        Assert.DoesNotContain("9000", await _host.OkAsync("nft list map inet resolver tcp_ranges4"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_free_port_of_several_is_taken_and_without_one_the_kernels_choice()
    {
        await ServeAsync("several", "-p 9200-9202:80", 80);
        await _host.OkAsync("sandbox next app -p 9200-9202:80; sandbox any app -p :80");
        Assert.Equal("hello", await _host.OkAsync($"ip netns exec client {Fetch} http://192.0.2.1:9200"));
        Assert.Contains("0.0.0.0:9201->80/tcp", await _host.OkAsync("resolver ps"), StringComparison.Ordinal);
        await _host.OkAsync("""
            port=$(resolver ps | grep -w any | grep -oE ':[0-9]+->80' | grep -oE '[0-9]+' | head -n 1)
            read -r low high </proc/sys/net/ipv4/ip_local_port_range
            test "$port" -ge "$low" && test "$port" -le "$high"
            """);
        await _host.OkAsync("remove several next any");
    }

    [Fact]
    public async Task A_client_that_sent_before_the_port_was_published_reaches_it_at_once()
    {
        // It keeps its own port, so that its packets are one flow to the kernel, which was tracked to the host.
        const string Ask = "ip netns exec client dig +short +tries=1 +time=1 -b 192.0.2.2#40000 -p 9500 @192.0.2.1 inner.test";
        await _host.OkAsync($$"""
            ! {{Ask}} >/dev/null
            sandbox late-names app -p 9500:53/udp
            inside late-names late-dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --address=/inner.test/203.0.113.9
            serves() { test "$(ip netns exec late-names dig +short +tries=1 +time=1 @127.0.0.1 inner.test)" = 203.0.113.9; }
            eventually serves
            """);
        Assert.Equal("203.0.113.9", await _host.OkAsync(Ask));
        await _host.OkAsync("remove late-names");
    }

    [Fact]
    public async Task One_port_on_several_addresses_leads_to_several_sandboxes()
    {
        await ServeAsync("first", "-p 127.0.0.1:9300:80", 80);
        await _host.OkAsync("sandbox second app -p 127.0.0.2:9300:80");
        Assert.Equal("hello", await _host.OkAsync($"{Fetch} http://127.0.0.1:9300"));
        Assert.NotEqual(0, (await _host.RunAsync($"{Fetch} http://127.0.0.2:9300")).ExitCode);
        await _host.OkAsync("remove first second");
    }

    [Fact]
    public async Task Sctp_is_published_also_where_the_kernel_has_none_itself()
    {
        await _host.OkAsync("sandbox signals app -p 9400:9400/sctp");
        Assert.Contains("sctp . 9400 : 172.30.0.", await _host.OkAsync("nft list map inet resolver published4"), StringComparison.Ordinal);
        await _host.OkAsync("remove signals");
    }

    [Theory]
    [InlineData("0:80")]
    [InlineData("8085-8080:80")]
    [InlineData("8080-8085:80-81")]
    [InlineData("8085:65536")]
    [InlineData("1-60000:1-60000")]
    [InlineData("8085:80/sctp4")]
    [InlineData("8085:80:90:100")]
    [InlineData("300.1.1.1:8085:80")]
    [InlineData("nonsense")]
    public async Task A_port_that_is_none_is_refused(string port)
    {
        await _host.RefusedAsync($"resolver run --network app --name badport -p {port} -- true");
    }

    private Task<string> ServeAsync(string sandbox, string options, int port) => _host.OkAsync($$"""
        {{Serve}}
        sandbox {{sandbox}} app {{options}}
        inside {{sandbox}} {{sandbox}}-httpd busybox httpd -f -p {{port}} -h /run/host/www
        listens() { resolver exec {{sandbox}} -- ss -ltn | grep -q :{{port}}; }
        eventually listens
        """);
}
