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

    [Theory]
    [InlineData("0:80")]
    [InlineData("8085-8080:80")]
    [InlineData("8080-8085:80-81")]
    [InlineData("8085:65536")]
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
