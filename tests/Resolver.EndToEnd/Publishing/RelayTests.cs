// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Publishing;

/// <summary>Published ports at addresses that the kernel can't translate: ::1, and the host's IPv6 addresses for endpoints without IPv6.</summary>
public sealed class RelayTests(DualStackHost dual) : IClassFixture<DualStackHost>
{
    private readonly HostNamespace _host = dual.Host;

    [Fact]
    public async Task A_port_is_published_again_at_once_though_relayed_connections_have_just_ended()
    {
        // The server ends the connection, so that the host's end of it waits out the time that stray packets live.
        string heard = await _host.OkAsync("""
            sandbox again bridge -p 8501:80
            mkdir -p /run/host/again; echo here >/run/host/again/index.html
            inside again again-http busybox httpd -f -p 80 -h /run/host/again
            hears() { curl --silent --max-time 2 'http://[::1]:8501/'; }
            eventually hears
            # Which of the two ends first is a race, and the kernel hears of it a moment later.
            waits() { hears && ss -Htn state time-wait 'sport = :8501' | grep -q .; }
            eventually waits
            resolver unpublish again -p 8501:80
            resolver publish again -p 8501:80 >/dev/null
            hears
            remove again
            """);
        Assert.Equal("here", heard);
    }

    [Theory]
    [InlineData("dual", "fd00:30::1")]
    [InlineData("bridge", "10.201.0.1")]
    public async Task A_port_is_reached_at_IPv6_loopback_and_at_the_hosts_IPv6_address_whatever_family_the_endpoint_has(string network, string seen)
    {
        await _host.OkAsync($$"""
            sandbox near {{network}} -p 8500:80
            inside near near-http /usr/bin/python3 -c '
            import socket, threading
            server = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
            def serve(peer, address):
                data = b""
                while True:
                    piece = peer.recv(65536)
                    if not piece: break
                    data += piece
                peer.sendall(b"%d bytes from %s" % (len(data), address[0].removeprefix("::ffff:").encode()))
                peer.close()
            while True: threading.Thread(target=serve, args=server.accept()).start()
            '
            eventually sh -c 'resolver exec near -- ss -ltn | grep -q :80'
            """);
        const string Send = """
            send() { /usr/bin/python3 -c '
            import socket, sys
            client = socket.create_connection((sys.argv[1], 8500), timeout=5)
            client.sendall(b"x" * 1000000)
            client.shutdown(socket.SHUT_WR)
            print(client.makefile().read())' "$1"; }

            """;
        Assert.Equal($"1000000 bytes from {seen}", await _host.OkAsync($"{Send} send ::1"));
        Assert.Equal(network == "dual" ? "1000000 bytes from 2001:db8:1::1" : $"1000000 bytes from {seen}", await _host.OkAsync($"{Send} send 2001:db8:1::1"));
        Assert.Contains("[::]:8500->80/tcp", await _host.OkAsync("resolver ps"), StringComparison.Ordinal);

        // The client outside is seen as it is where the kernel translates, and as the host where it can't.
        string outside = await _host.OkAsync($"{Send} declare -f send >/run/host/send.sh; ip netns exec client bash -c 'source /run/host/send.sh; send 2001:db8:1::1'");
        Assert.Equal($"1000000 bytes from {(network == "dual" ? "2001:db8:1::2" : seen)}", outside);

        // Refused by the endpoint: refused here, not accepted and left hanging.
        await _host.OkAsync("stop near-http");
        const string Try = """/usr/bin/python3 -c 'import socket; print(socket.create_connection(("::1", 8500), timeout=5).recv(1))'""";
        Assert.Contains("ConnectionResetError", (await _host.RunAsync(Try)).Error, StringComparison.Ordinal);
        await _host.OkAsync("resolver unpublish near -p 8500:80");
        Assert.Contains("ConnectionRefusedError", (await _host.RunAsync(Try)).Error, StringComparison.Ordinal);
        await _host.OkAsync("remove near");
    }

    [Theory]
    [InlineData("dual")]
    [InlineData("bridge")]
    public async Task A_udp_port_is_reached_at_IPv6_loopback(string network)
    {
        await _host.OkAsync($"""
            sandbox names {network} -p 5350:53/udp
            inside names names-udp dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= --address=/inner.test/203.0.113.9
            eventually dig_in names +short @127.0.0.1 inner.test
            """);
        Assert.Equal("203.0.113.9", await _host.OkAsync("dig +short +tries=2 +time=2 -p 5350 @::1 inner.test"));
        Assert.Equal("203.0.113.9", await _host.OkAsync("ip netns exec client dig +short +tries=2 +time=2 -p 5350 @2001:db8:1::1 inner.test"));
        await _host.OkAsync("remove names");
    }
}
