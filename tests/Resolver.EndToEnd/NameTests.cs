// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>Names of peers, asked for by the programs that people have: dig, glibc, musl and busybox.</summary>
public sealed partial class NameTests(NameTests.TwoSandboxes two) : IClassFixture<NameTests.TwoSandboxes>
{
    private readonly HostNamespace _host = two.Host;

    [Theory]
    [InlineData("db")]
    [InlineData("DB")]
    [InlineData("dB.aPp")]
    [InlineData("db.app")]
    [InlineData("database")]
    [InlineData("database.app")]
    public async Task A_peer_is_found_by_name_and_alias_in_any_case(string name)
    {
        Assert.Equal("172.30.0.20", await _host.OkAsync($"dig_in web +short {name}"));
        Assert.Equal("172.30.0.20", await _host.OkAsync($"dig_in web +short +tcp {name}"));
    }

    [Fact]
    public async Task The_case_of_the_question_comes_back()
    {
        Assert.Contains("dAtAbAsE.", await _host.OkAsync("dig_in web dAtAbAsE +noall +answer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_is_found_by_its_short_id()
    {
        string id = ShortId().Match(await _host.OkAsync("resolver ps --format json | grep -B30 -A30 '\"db\"'; resolver ps | grep -w db")).Value;
        Assert.NotEqual("", id);
        Assert.Equal("172.30.0.20", await _host.OkAsync($"dig_in web +short {id}"));
    }

    [Fact]
    public async Task An_ipv6_question_for_a_peer_is_answered_with_no_data_and_an_soa()
    {
        string answer = await _host.OkAsync("dig_in web db AAAA");
        Assert.Contains("status: NOERROR", answer, StringComparison.Ordinal);
        Assert.Contains("ANSWER: 0, AUTHORITY: 1", answer, StringComparison.Ordinal);
        Assert.Matches(@"\sIN\s+SOA\s", answer);
        Assert.DoesNotContain("db", await _host.OkAsync("cat /run/host/upstream.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_leads_back_to_its_name()
    {
        Assert.Matches("^db", await _host.OkAsync("dig_in web +short -x 172.30.0.20"));
    }

    [Fact]
    public async Task A_free_address_of_the_own_subnet_is_not_asked_of_the_upstream()
    {
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in web -x 172.30.0.200"), StringComparison.Ordinal);
        Assert.DoesNotContain("172.30.0.200", await _host.OkAsync("cat /run/host/upstream.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Glibc_finds_a_peer()
    {
        string addresses = await _host.OkAsync("resolver exec web -- getent ahosts db");
        Assert.All(addresses.Split('\n'), line => Assert.StartsWith("172.30.0.20 ", line, StringComparison.Ordinal));
        Assert.StartsWith("172.30.0.20", await _host.OkAsync("resolver exec web -- getent hosts database.app"), StringComparison.Ordinal);
        Assert.Contains("db", await _host.OkAsync("resolver exec web -- getent hosts 172.30.0.20"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Musl_finds_a_peer_and_is_told_at_once_when_there_is_none()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "clients", "lookup.c");
        await _host.OkAsync($"musl-gcc -static -Wall -Werror -o /run/host/lookup '{source}'");
        Assert.Equal("172.30.0.20", await _host.OkAsync("resolver exec web -- /run/host/lookup db"));
        Assert.Equal("172.30.0.20", await _host.OkAsync("resolver exec web -- /run/host/lookup db.app"));
        Assert.Equal(Upstream.OutsideAddress, await _host.OkAsync("resolver exec web -- /run/host/lookup www.example.org"));
        Assert.Equal(1, (await _host.RunAsync("resolver exec web -- timeout 2 /run/host/lookup nobody.example.org")).ExitCode);
    }

    [Fact]
    public async Task Busybox_finds_a_peer()
    {
        Assert.Contains("172.30.0.20", await _host.OkAsync("resolver exec web -- busybox nslookup -type=a db"), StringComparison.Ordinal);
        await _host.OkAsync("resolver exec web -- busybox ping -c 1 -W 2 db");
    }

    [Fact]
    public async Task A_name_of_nobody_is_asked_of_the_upstream()
    {
        Assert.Equal(Upstream.OutsideAddress, await _host.OkAsync("dig_in web +short www.example.org"));
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in web nobody.example.org"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_seen_by_the_first_question_after_it()
    {
        string answers = await _host.OkAsync("""
            for n in 1 2 3 4 5; do
              resolver register app moving --ip 172.30.0.20$n
              dig_in web +short moving
              resolver deregister app moving
              dig_in web moving | grep -o NXDOMAIN
            done
            """);
        Assert.Equal(string.Join('\n', Enumerable.Range(1, 5).Select(n => $"172.30.0.20{n}\nNXDOMAIN")), answers);
    }

    [Fact]
    public async Task A_registered_name_points_at_all_its_addresses()
    {
        await _host.OkAsync("resolver register app outside --ip 198.51.100.7 --ip 198.51.100.8 --alias elsewhere");
        Assert.Equal("198.51.100.7\n198.51.100.8", await _host.OkAsync("dig_in web +short outside | sort"));
        Assert.Equal("198.51.100.7\n198.51.100.8", await _host.OkAsync("dig_in web +short elsewhere.app | sort"));
        await _host.OkAsync("resolver deregister app outside");
    }

    [Fact]
    public async Task Garbage_is_survived_and_the_next_good_question_is_answered()
    {
        Random random = new(20_260_101);
        List<string> sends = [];
        for (int i = 0; i < 200; i++)
        {
            byte[] packet = new byte[random.Next(0, 300)];
            random.NextBytes(packet);
            sends.Add(Send(packet));
        }

        // A question cut at every length, a name that points at itself, a count of 65,535 questions with none.
        byte[] question = Convert.FromHexString("123401000001000000000000026462000001" + "0001");
        sends.AddRange(Enumerable.Range(0, question.Length).Select(length => Send(question[..length])));
        sends.Add(Send(Convert.FromHexString("123401000001000000000000c00c00010001")));
        sends.Add(Send(Convert.FromHexString("12340100ffff000000000000")));
        await _host.OkAsync($"cat >/run/host/garbage.sh <<'END'\nexec 3<>/dev/udp/127.0.0.11/53\n{string.Join('\n', sends)}\nEND\nresolver exec web -- bash /run/host/garbage.sh");
        await _host.OkAsync("resolver exec web -- bash -c 'head -c 5000 /dev/urandom | timeout 5 busybox nc 127.0.0.11 53 || true'");
        Assert.Equal("172.30.0.20", await _host.OkAsync("dig_in web +short db"));
        Assert.Equal("172.30.0.20", await _host.OkAsync("dig_in web +short +tcp db"));
    }

    private static string Send(byte[] packet) => $"printf '{string.Concat(packet.Select(octet => $"\\x{octet:x2}"))}' >&3";

    [GeneratedRegex(@"\b[0-9a-f]{12}")]
    private static partial Regex ShortId();

    public sealed class TwoSandboxes : IAsyncLifetime
    {
        private readonly AppNetwork _app = new();

        public HostNamespace Host => _app.Host;

        public async ValueTask InitializeAsync()
        {
            await _app.InitializeAsync();
            await Host.OkAsync("sandbox db app --ip 172.30.0.20 --alias database; sandbox web app --ip 172.30.0.21");
        }

        public async ValueTask DisposeAsync()
        {
            await Host.OkAsync("remove db web");
            await _app.DisposeAsync();
        }
    }
}
