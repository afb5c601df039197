// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What Docker's users and dig's options expect of the responder, on the real kernel.</summary>
public sealed class ChecklistTests(ChecklistTests.PeerAndAsker two) : IClassFixture<ChecklistTests.PeerAndAsker>
{
    private readonly HostNamespace _host = two.Host;

    [Theory]
    [InlineData("peer +noedns", "status: NOERROR", "EDNS:")]
    [InlineData("peer +edns=1 +noednsnegotiation", "status: BADVERS", "ANSWER: 1")]
    [InlineData("peer +cookie=0102030405060708", "ANSWER: 1", "COOKIE")]
    [InlineData("peer +nsid +subnet=192.0.2.0/24 +expire +ednsopt=100 +ednsopt=65001:00", "ANSWER: 1", "NSID|CLIENT-SUBNET|EXPIRE|OPT=")]
    [InlineData("peer +zflag", "ANSWER: 1", "MBZ")]
    [InlineData("peer +ednsflags=0x7fff", "EDNS: version: 0, flags:; udp: 1232", "MBZ")]
    [InlineData("peer +dnssec", "EDNS: version: 0, flags: do; udp: 1232", "RRSIG| ad[ ;]")]
    [InlineData("peer +cdflag +adflag", "flags: qr aa rd ra cd;", " ad[ ;]")]
    [InlineData("peer +norec", "flags: qr aa ra;", "NXDOMAIN")]
    [InlineData("peer +bufsize=0", "ANSWER: 1", " tc[ ;]")]
    [InlineData("peer +tcp +keepalive", "TCP KEEPALIVE: 10.0", "FORMERR")]
    [InlineData("peer -t ANY +notcp", "ANSWER: 1", "NOTIMP")]
    [InlineData("peer -t TYPE1000", "ANSWER: 0, AUTHORITY: 1", "NXDOMAIN")]
    [InlineData("peer -t DS", "ANSWER: 0, AUTHORITY: 1", "NXDOMAIN")]
    [InlineData("app SOA", "ANSWER: 1, AUTHORITY: 0", "NXDOMAIN")]
    [InlineData("_grpc_config.peer TXT", "status: NXDOMAIN", "ANSWER: 1")]
    [InlineData("version.bind CH TXT", "status: REFUSED", "ANSWER: 1")]
    [InlineData("version.bind CH TXT +edns", "EDE: 21", "NOERROR")]
    [InlineData("peer +opcode=9", "status: NOTIMP", "ANSWER: 1")]
    [InlineData("+header-only", "status: FORMERR", "ANSWER: 1")]
    [InlineData("-x 127.0.0.11", "PTR\tlocalhost.", "NXDOMAIN")]
    public async Task Dig_sees(string question, string expected, string unexpected)
    {
        string answer = await _host.OkAsync($"dig_in asker +nocmd {question}");

        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.DoesNotMatch(unexpected, answer);
    }

    [Fact]
    public async Task The_longest_names_are_names()
    {
        string labels = string.Join('.', Enumerable.Repeat("x", 127));
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync($"dig_in asker {labels}"), StringComparison.Ordinal);
        string octets = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync($"dig_in asker +tcp {octets}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_with_one_alias_the_survivor_answers()
    {
        await _host.OkAsync("sandbox one app --ip 172.30.0.31 --alias pool; sandbox two app --ip 172.30.0.32 --alias pool");
        Assert.Equal("172.30.0.31\n172.30.0.32", await _host.OkAsync("dig_in asker +short pool | sort"));
        await _host.OkAsync("remove one");
        Assert.Equal("172.30.0.32", await _host.OkAsync("dig_in asker +short pool.app"));
        await _host.OkAsync("remove two");

        // What is gone does not exist, and nobody outside is asked for it.
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in asker pool"), StringComparison.Ordinal);
        Assert.Equal("0", await _host.OkAsync("grep -cE 'query.* (pool|one|two) from' /run/host/upstream.log || true"));
    }

    [Fact]
    public async Task A_peer_that_left_and_came_back_has_its_new_address()
    {
        await _host.OkAsync("sandbox mover app --ip 172.30.0.41 --hostname mover.example.com; resolver network disconnect app mover");
        Assert.Contains("status: NXDOMAIN", await _host.OkAsync("dig_in asker mover"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect app mover --ip 172.30.0.42");
        Assert.Equal("172.30.0.42", await _host.OkAsync("dig_in asker +short mover"));
        Assert.Equal("172.30.0.42", await _host.OkAsync("dig_in asker +short MOVER.example.com"));
        Assert.Equal("172.30.0.42", await _host.OkAsync("dig_in mover +short mover"));
        await _host.OkAsync("remove mover");
    }

    [Fact]
    public async Task Resolv_conf_names_the_responder_alone()
    {
        string text = await _host.OkAsync("resolver exec asker -- cat /etc/resolv.conf");
        Assert.Equal(["nameserver 127.0.0.11"], text.Split('\n').Where(line => line.StartsWith("nameserver", StringComparison.Ordinal)));
        Assert.Contains("ndots:0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_upstream_the_failure_is_at_once_and_says_why()
    {
        await ResolvConfAsync("");
        string answer = await _host.OkAsync("gone() { dig_in asker +noall +comments +stats noupstream.example.org | tee /run/host/none | grep -q 'EDE: 22'; }; eventually gone; cat /run/host/none");
        Assert.Contains("status: SERVFAIL", answer, StringComparison.Ordinal);
        Assert.InRange(QueryTimes(answer).Single(), 0, 500);
        Assert.Equal("172.30.0.20", await _host.OkAsync("dig_in asker +short peer"));
        await RestoreAsync();
    }

    [Fact]
    public async Task The_last_of_five_nameservers_is_asked_when_the_others_are_not_there()
    {
        await SecondUpstreamAsync();
        await ResolvConfAsync("nameserver 127.0.0.2\nnameserver 127.0.0.3\nnameserver 127.0.0.4\nnameserver 127.0.0.5\nnameserver 192.0.2.2");
        await _host.OkAsync("""
            answers() { test "$(dig_in asker +short www.example.org)" = 203.0.113.87; }
            eventually answers; stop second
            """);
        await RestoreAsync();
    }

    [Theory]
    [InlineData("::1")] // a stub resolver of the host
    [InlineData("fe80::53%eth1")] // a router's, by the interface that leads there
    public async Task An_IPv6_nameserver_of_the_host_is_asked_from_the_host(string address)
    {
        await _host.OkAsync("""
            ip address add fe80::53/64 dev eth1 nodad
            background six dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --interface=eth1 --address=/six.example.org/203.0.113.86
            """);
        await ResolvConfAsync($"nameserver {address}");
        await _host.OkAsync("""
            answers() { test "$(dig_in asker +short six.example.org)" = 203.0.113.86; }
            eventually answers; stop six; ip address del fe80::53/64 dev eth1
            """);
        await RestoreAsync();
    }

    [Fact]
    public async Task A_silent_first_nameserver_costs_the_first_question_alone()
    {
        // 192.0.2.99 is nobody's: neither an answer nor a refusal comes from there.
        await SecondUpstreamAsync();
        await ResolvConfAsync("nameserver 192.0.2.99\nnameserver 192.0.2.2");
        string answers = await _host.OkAsync("""
            ask() { dig_in asker +noall +answer +stats "silent$1.example.org" >/run/host/asked; grep -q 203.0.113.87 /run/host/asked; }
            n=0
            until ask $n; do n=$((n + 1)); test $n -lt 1000; done
            cat /run/host/asked
            for i in a b c d e f g h i j; do ask $i; cat /run/host/asked; done
            stop second
            """);
        int[] times = QueryTimes(answers);
        Assert.Equal(11, times.Length);
        Assert.InRange(times[0], 0, 1500);
        Assert.InRange(times.Skip(1).Order().ElementAt(5), 0, 150); // The median, for the machine may be busy.
        await RestoreAsync();
    }

    [Fact]
    public async Task A_thousand_silent_connections_hurt_nobody()
    {
        string answers = await _host.OkAsync("""
            cat >/run/host/silent.py <<'END'
            import resource, socket, time
            resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))
            held = [socket.create_connection(("127.0.0.11", 53), 5) for _ in range(1000)]
            held[-1].settimeout(5)
            print(len(held), flush=True)
            time.sleep(30)
            END
            background silent ip netns exec asker /usr/bin/python3 /run/host/silent.py
            eventually grep -q 1000 /run/host/silent.log
            for how in +tcp +notcp; do
              for who in asker peer; do dig_in $who +noall +answer +stats $how peer; done
            done
            stop silent
            dig_in asker +noall +answer +stats +tcp peer
            """);

        Assert.Equal(5, answers.Split("172.30.0.20").Length - 1);
        Assert.All(QueryTimes(answers), time => Assert.InRange(time, 0, 500));
    }

    [Fact]
    public async Task A_daemon_without_descriptors_waits_for_some_and_goes_on()
    {
        // What it has open stays; what it would open next it can't.
        string seen = await _host.OkAsync("""
            pid=$(cat /run/host/daemon.pid)
            limit=$(prlimit --pid "$pid" --nofile --noheadings --output SOFT)
            busy() { sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }'; }
            prlimit --pid "$pid" --nofile=3:
            before=$(busy)
            dig_in asker +tcp +time=1 peer >/run/host/refused || true
            sleep 1
            spent=$(($(busy) - before))
            dig_in asker +short +notcp peer
            prlimit --pid "$pid" --nofile="$limit":
            dig_in asker +short +tcp peer
            grep -c 'Cannot accept a TCP connection' /run/host/daemon.log
            echo "$spent"
            """);

        string[] lines = seen.Split('\n');
        Assert.Equal(["172.30.0.20", "172.30.0.20"], lines[..2]);
        Assert.InRange(int.Parse(lines[2], CultureInfo.InvariantCulture), 1, 40); // Ten a second at most, in two seconds.
        Assert.InRange(int.Parse(lines[3], CultureInfo.InvariantCulture), 0, 100); // Ticks of 10 ms, of 200.
    }

    private static int[] QueryTimes(string answer) =>
    [
        .. answer.Split('\n').Where(line => line.Contains("Query time:", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[3], CultureInfo.InvariantCulture)),
    ];

    /// <summary>192.0.2.2 has another address for everything in example.org.</summary>
    private Task<string> SecondUpstreamAsync() => _host.OkAsync("""
        background second ip netns exec client dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --bind-interfaces --listen-address=192.0.2.2 --address=/example.org/203.0.113.87
        eventually ip netns exec client dig +tries=1 +time=1 @192.0.2.2 www.example.org
        """);

    private Task<string> ResolvConfAsync(string text) => _host.OkAsync($"echo '{text}' >/etc/resolv.conf");

    private async Task RestoreAsync()
    {
        await ResolvConfAsync("nameserver 198.51.100.53");
        await _host.OkAsync($$"""
            restored() { test "$(dig_in asker +short www.example.org)" = {{Upstream.OutsideAddress}}; }
            eventually restored
            """);
    }

    public sealed class PeerAndAsker : IAsyncLifetime
    {
        private readonly AppNetwork _app = new();

        public HostNamespace Host => _app.Host;

        public async ValueTask InitializeAsync()
        {
            await _app.InitializeAsync();
            await Host.OkAsync("sandbox peer app --ip 172.30.0.20; sandbox asker app --ip 172.30.0.21");
        }

        public async ValueTask DisposeAsync()
        {
            await Host.OkAsync("remove peer asker");
            await _app.DisposeAsync();
        }
    }
}
