// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What the responder adds to the names of peers: the host, what stays here, the cache, and the tools that look into it.</summary>
public sealed class ResponderTests(ResponderTests.TwoNetworks two) : IClassFixture<ResponderTests.TwoNetworks>
{
    private readonly HostNamespace _host = two.Host;

    [Theory]
    [InlineData("host.docker.internal", "172.30.0.1")]
    [InlineData("host.containers.internal", "172.30.0.1")]
    [InlineData("gateway.app", "172.30.0.1")]
    [InlineData("localhost", "127.0.0.1")]
    public async Task The_host_has_names(string name, string address)
    {
        Assert.Equal(address, await _host.OkAsync($"dig_in asker +short {name}"));
        Assert.Equal(address, await _host.OkAsync($"resolver exec asker -- getent ahostsv4 {name} | awk 'NR == 1 {{ print $1 }}'"));
    }

    [Theory]
    [InlineData("getent ahosts nosuchpeer")]
    [InlineData("/run/host/lookup-musl nosuchpeer")]
    [InlineData("busybox nslookup nosuchpeer")]
    [InlineData("dig nosuchpeer")]
    public async Task A_name_without_a_dot_that_nobody_has_does_not_leave_the_host(string command)
    {
        // Not within a second would be a stall: somebody waited for a timeout.
        await _host.OkAsync($"! timeout 1 resolver exec asker -- {command} | grep -E '^[0-9.]+$'");
        Assert.NotEqual(124, (await _host.RunAsync($"timeout 1 resolver exec asker -- {command} >/dev/null")).ExitCode);
        Assert.Equal("0", await _host.OkAsync("grep -c 'nosuchpeer from' /run/host/upstream.log || true"));
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in asker nosuchpeer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_may_let_such_names_out()
    {
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in letting letout"), StringComparison.Ordinal);
        Assert.NotEqual("0", await _host.OkAsync("grep -c 'letout from' /run/host/upstream.log"));
    }

    [Theory]
    [InlineData("ndots:0")]
    [InlineData("ndots:5")]
    public async Task With_a_search_domain_names_resolve_without_a_stall(string option)
    {
        string script = $$"""
            mkdir -p /run/host/search; printf 'nameserver 127.0.0.11\nsearch app\noptions {{option}}\n' >/run/host/search/resolv.conf
            for program in "getent ahostsv4" /run/host/lookup-musl; do
              for name in peer www.example.org nosuchpeer; do
                timeout 1 ip netns exec asker unshare -m sh -c "mount --bind /run/host/search/resolv.conf /etc/resolv.conf; $program $name" |
                  grep -oE '^[0-9.]+' | head -n 1 || test ${PIPESTATUS[0]} != 124
              done
            done
            """;
        Assert.Equal(
            string.Join('\n', Enumerable.Repeat($"172.30.0.20\n{Upstream.OutsideAddress}", 2)),
            await _host.OkAsync(script));
    }

    [Fact]
    public async Task What_upstreams_say_is_kept_and_forgotten_on_demand()
    {
        await _host.OkAsync("resolver dns flush");
        int before = await AskedUpstreamAsync("www.example.org");
        await _host.OkAsync("for i in 1 2 3 4 5; do dig_in asker WWW.example.org; dig_in letting +tcp www.example.org; done");
        Assert.Equal(before + 1, await AskedUpstreamAsync("www.example.org"));

        Assert.Contains("1 replies forgotten", await _host.OkAsync("resolver dns flush www.example.org"), StringComparison.Ordinal);
        await _host.OkAsync("dig_in asker www.example.org");
        Assert.Equal(before + 2, await AskedUpstreamAsync("www.example.org"));
        Assert.Contains("cache: ", await _host.OkAsync("resolver status"), StringComparison.Ordinal);
        Assert.Matches(@"answered from the cache +[1-9]", await _host.OkAsync("resolver dns stats"));
    }

    [Fact]
    public async Task A_question_can_be_asked_with_the_eyes_of_a_sandbox()
    {
        string peer = await _host.OkAsync("resolver dns query peer --from asker");
        Assert.Contains("peer. 5 IN A 172.30.0.20", peer, StringComparison.Ordinal);
        Assert.Contains(";; answered by the registry in ", peer, StringComparison.Ordinal);

        Assert.Contains("by an upstream", await _host.OkAsync("resolver dns flush >/dev/null; resolver dns query www.example.org --from asker"), StringComparison.Ordinal);
        Assert.Contains("by the cache", await _host.OkAsync("resolver dns query www.example.org --from asker"), StringComparison.Ordinal);
        Assert.Contains("NXDOMAIN", await _host.OkAsync("resolver dns query asker --from letting"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resolver dns query peer --from nobody", 1, "there is no sandbox 'nobody'")]
    [InlineData("resolver dns query peer --from asker TYPE99999", 2, "is no type")]
    [InlineData("resolver dns query $(printf '%0300d' 0) --from asker", 1, "is no DNS name")]
    [InlineData("resolver dns flush x --network app", 1, "not both")]
    [InlineData("resolver dns flush --below", 1, "needs a name")]
    [InlineData("resolver network create bad --name-ttl 0", 1, "name_ttl")]
    public async Task Bad_input_is_one_line(string command, int status, string why)
    {
        CommandResult result = await _host.RunAsync(command);
        Assert.Equal(status, result.ExitCode);
        Assert.Contains(why, result.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ttl_of_names_is_the_networks()
    {
        Assert.Matches(@"^letting\.\s+60\s", await _host.OkAsync("dig_in letting +noall +answer letting"));
        Assert.Matches(@"^peer\.\s+5\s", await _host.OkAsync("dig_in asker +noall +answer peer"));
    }

    private async Task<int> AskedUpstreamAsync(string name) =>
        int.Parse(await _host.OkAsync($"grep -ci 'query.* {name} from' /run/host/upstream.log || true"), CultureInfo.InvariantCulture);

    /// <summary>Sandboxes on app, and on a network that lets single labels out.</summary>
    public sealed class TwoNetworks : IAsyncLifetime
    {
        private readonly AppNetwork _app = new();

        public HostNamespace Host => _app.Host;

        public async ValueTask InitializeAsync()
        {
            await _app.InitializeAsync();
            string source = Path.Combine(AppContext.BaseDirectory, "clients", "lookup.c");
            await Host.OkAsync($"""
                musl-gcc -static -Wall -Werror -o /run/host/lookup-musl '{source}'
                resolver network create open --subnet 172.30.40.0/24 --forward-single-labels --name-ttl 60
                sandbox peer app --ip 172.30.0.20
                sandbox asker app
                sandbox letting open
                """);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.OkAsync("remove peer asker letting; resolver network rm open");
            await _app.DisposeAsync();
        }
    }
}
