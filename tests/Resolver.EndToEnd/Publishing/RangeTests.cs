// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Publishing;

/// <summary>Long ranges of ports, and what is published on all addresses and taken back on some.</summary>
public sealed class RangeTests(DualStackHost dual) : IClassFixture<DualStackHost>
{
    private const string Descriptors = "find \"/proc/$(cat /run/host/daemon.pid)/fd\" -mindepth 1 | wc -l";

    // takes FAMILY FIRST LAST: binds all of these ports on all addresses of the family, as servers do where connections have just ended.
    private const string Takes = """
        takes() { /usr/bin/python3 -c '
        import socket, sys
        family = socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET
        held = []
        for port in range(int(sys.argv[2]), int(sys.argv[3]) + 1):
            one = socket.socket(family)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6: one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(("", port))
            held.append(one)' "$@"; }

        """;

    private const string Serve = """
        inside half half-echo /usr/bin/python3 -c '
        import socket, threading
        server = socket.create_server(("0.0.0.0", 80))
        def serve(peer):
            while True:
                piece = peer.recv(100)
                if not piece: break
                peer.sendall(piece)
        while True: threading.Thread(target=serve, args=server.accept()[:1]).start()'
        eventually sh -c 'resolver exec half -- ss -ltn | grep -q :80'

        """;

    private const string Echoes = """
        echoes() { test "$(/usr/bin/python3 -c '
        import socket, sys
        client = socket.create_connection((sys.argv[1], 8600), timeout=3)
        client.sendall(b"hi")
        print(client.recv(2).decode())' "$1")" = hi; }

        """;

    private readonly HostNamespace _host = dual.Host;

    [Fact]
    public async Task Two_thousand_ports_of_both_families_are_held_by_as_many_sockets_and_are_anyones_when_the_call_returns()
    {
        await _host.OkAsync("sandbox long bridge; resolver publish long -p 19000:80; resolver unpublish long -p 19000:80");
        int before = int.Parse(await _host.OkAsync(Descriptors), CultureInfo.InvariantCulture);
        await _host.OkAsync("resolver publish long -p 20000-21999:20000-21999");
        Assert.InRange(int.Parse(await _host.OkAsync(Descriptors), CultureInfo.InvariantCulture) - before, 2000, 2020);
        foreach (int port in (int[])[20000, 21000, 21999])
        {
            await _host.OkAsync($$"""
                inside long "long-{{port}}" busybox nc -l -p {{port}} -e echo reached
                eventually sh -c 'resolver exec long -- ss -ltn | grep -q :{{port}}'
                test "$(timeout 3 busybox nc ::1 {{port}} </dev/null)" = reached
                """);
            await AssertTakenAsync(6, port);
            await AssertTakenAsync(4, port);
        }

        await _host.OkAsync($"{Takes} resolver unpublish long -p 20000-21999:20000-21999; takes 4 20000 21999; takes 6 20000 21999");
        Assert.InRange(int.Parse(await _host.OkAsync(Descriptors), CultureInfo.InvariantCulture) - before, -20, 20);
        await _host.OkAsync("remove long");
    }

    [Fact]
    public async Task Without_descriptors_for_all_ports_none_is_published_and_the_message_says_what_to_raise()
    {
        await _host.OkAsync("sandbox poor bridge");
        string before = await _host.SnapshotAsync();
        await _host.OkAsync("""
            prlimit --pid "$(cat /run/host/daemon.pid)" --nofile --noheadings --output SOFT >/run/host/soft
            prlimit --pid "$(cat /run/host/daemon.pid)" --nofile=1200:
            """);
        string refused = await _host.RefusedAsync("resolver publish poor -p 22000-23999:22000-23999");
        Assert.Matches(@"port \[::\]:2\d{4}/tcp can't be held.*LimitNOFILE", refused);
        Assert.Equal("", await _host.OkAsync("resolver port poor"));
        Assert.Equal(before, await _host.SnapshotAsync());
        await _host.OkAsync($"""
            {Takes}
            takes 4 22000 22500; takes 6 22000 22500
            prlimit --pid "$(cat /run/host/daemon.pid)" --nofile="$(tr -d ' ' </run/host/soft)":
            resolver publish poor -p 22000-23999:22000-23999; remove poor
            """);
    }

    [Fact]
    public async Task What_is_taken_back_on_one_family_goes_on_on_the_other()
    {
        await _host.OkAsync($"{Takes} sandbox half bridge -p 8600:80; {Serve} {Echoes} echoes 127.0.0.1; echoes ::1");

        // A connection that is relayed goes on, and IPv4 is anyone's.
        await _host.OkAsync($$"""
            {{Takes}} {{Echoes}}
            /usr/bin/python3 -c '
            import os, socket, subprocess
            client = socket.create_connection(("::1", 8600), timeout=3)
            client.sendall(b"a"); assert client.recv(1) == b"a"
            subprocess.check_call(["resolver", "unpublish", "half", "-p", "0.0.0.0:8600:80"])
            client.sendall(b"b"); assert client.recv(1) == b"b"'
            echoes ::1
            takes 4 8600 8600
            """);
        await AssertTakenAsync(6, 8600);
        Assert.Equal("80/tcp -> [::]:8600", await _host.OkAsync("resolver port half"));

        await _host.OkAsync($"{Takes} resolver unpublish half -p 8600:80; resolver publish half -p 8600:80; resolver unpublish half -p '[::]:8600:80'; takes 6 8600 8600");
        await AssertTakenAsync(4, 8600);
        Assert.Equal("80/tcp -> 0.0.0.0:8600", await _host.OkAsync("resolver port half"));
        await _host.OkAsync($"{Echoes} echoes 127.0.0.1; if echoes ::1; then exit 1; fi; resolver unpublish half -p 8600:80; remove half");
    }

    private async Task AssertTakenAsync(int family, int port) =>
        Assert.Contains("Address already in use", (await _host.RunAsync($"{Takes} takes {family} {port} {port}")).Error, StringComparison.Ordinal);
}
