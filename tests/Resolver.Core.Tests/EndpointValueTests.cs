// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class EndpointValueTests
{
    [Theory]
    [InlineData("8080:80", null, "8080", "80", TransportProtocol.Tcp)]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1", "8080", "80", TransportProtocol.Tcp)]
    [InlineData("[::1]:8080:80", "::1", "8080", "80", TransportProtocol.Tcp)]
    [InlineData("53:5353/udp", null, "53", "5353", TransportProtocol.Udp)]
    [InlineData("5000:5000/sctp", null, "5000", "5000", TransportProtocol.Sctp)]
    [InlineData("8000-8010:9000-9010", null, "8000-8010", "9000-9010", TransportProtocol.Tcp)]
    [InlineData("8000-8010:80", null, "8000-8010", "80", TransportProtocol.Tcp)]
    [InlineData("80", null, null, "80", TransportProtocol.Tcp)]
    [InlineData(":80", null, null, "80", TransportProtocol.Tcp)]
    [InlineData("127.0.0.1::80/udp", "127.0.0.1", null, "80", TransportProtocol.Udp)]
    [InlineData("[::]::8000-8001", "::", null, "8000-8001", TransportProtocol.Tcp)]
    public void Requests_to_publish_read_as_docker_reads_them(string text, string? address, string? hostPorts, string ports, TransportProtocol protocol)
    {
        PublishRequest request = PublishRequest.Parse(text, "ports");
        Assert.Equal(
            (address, hostPorts, ports, protocol),
            (request.HostAddress?.ToString(), request.HostPorts?.ToString(), request.EndpointPorts.ToString(), request.Protocol));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8080:")]
    [InlineData("0:80")]
    [InlineData("8080:0")]
    [InlineData("65536:80")]
    [InlineData("8080:80/icmp")]
    [InlineData("8080:80/TCP/udp")]
    [InlineData("-1:80")]
    [InlineData("a:8080:80")]
    [InlineData("127.1:8080:80")]
    [InlineData("127.0.0.1:80")]
    [InlineData("::1:8080:80")]
    [InlineData("[::1]:80")]
    [InlineData("[127.0.0.1]:8080:80")]
    [InlineData("[fe80::1%eth0]:8080:80")]
    [InlineData("8010-8000:80")]
    [InlineData("1:2:3:4")]
    [InlineData(" 8080:80")]
    public void What_is_no_request_to_publish_is_refused_with_the_form(string text)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => PublishRequest.Parse(text, "ports"));
        Assert.Contains("[ip:][hostport[-end]]:port[-end][/tcp|/udp|/sctp]", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8000-8010:80-81")]
    [InlineData("8000:80-81")]
    public void Ranges_that_do_not_fit_each_other_are_refused(string text) => Assert.Contains(
        "give as many", Assert.Throws<RefusedException>(() => PublishRequest.Parse(text, "ports")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.0.0.0", 80, 80, "0.0.0.0", 80, 80, true)]
    [InlineData("127.0.0.1", 80, 80, "0.0.0.0", 80, 80, true)]
    [InlineData("127.0.0.1", 80, 80, "127.0.0.2", 80, 80, false)]
    [InlineData("0.0.0.0", 80, 80, "::", 80, 80, false)]
    [InlineData("::1", 80, 80, "::", 80, 80, true)]
    [InlineData("0.0.0.0", 80, 90, "0.0.0.0", 90, 95, true)]
    [InlineData("0.0.0.0", 80, 90, "0.0.0.0", 91, 95, false)]
    public void Ports_conflict_when_an_address_and_a_port_are_common(
        string oneAddress, ushort oneFirst, ushort oneLast, string otherAddress, ushort otherFirst, ushort otherLast, bool expected)
    {
        PublishedPort one = new(IPAddress.Parse(oneAddress), new PortRange(oneFirst, oneLast), new PortRange(oneFirst, oneLast), TransportProtocol.Tcp);
        PublishedPort other = new(
            IPAddress.Parse(otherAddress), new PortRange(otherFirst, otherLast), new PortRange(otherFirst, otherLast), TransportProtocol.Tcp);
        Assert.Equal(expected, one.Conflicts(other));
        Assert.Equal(expected, other.Conflicts(one));
        Assert.False(one.Conflicts(other with { Protocol = TransportProtocol.Udp }));
    }

    [Theory]
    [InlineData(null, "8080:80", "[::]:8080:80", "8081:80", "8080:80/udp", "127.0.0.1:9000:80", "127.0.0.2:9000:80")]
    [InlineData("127.0.0.1:8085:80", "8100:80", "8080-8090:80-90", "127.0.0.1:8085:80")]
    [InlineData("127.0.0.1:9000:80", "127.0.0.1:9000:80", "127.0.0.2:9000:80", "127.0.0.1:9000:80")]
    public void Among_many_ports_those_that_conflict_are_found(string? second, params string[] ports)
    {
        PublishedPort[] published =
        [
            .. ports.Select(text => PublishRequest.Parse(text, "ports"))
                .Select(request => new PublishedPort(request.HostAddress ?? IPAddress.Any, request.HostPorts!.Value, request.EndpointPorts, request.Protocol)),
        ];
        Assert.Equal(second is null ? null : PublishRequest.Parse(second, "ports").HostPorts, PortConflicts.Find(published)?.Second.HostPorts);
    }

    [Theory]
    [InlineData("0.0.0.0", 8080, 8080, 80, 80, "0.0.0.0:8080->80/tcp")]
    [InlineData("::", 8080, 8081, 80, 81, "[::]:8080-8081->80-81/tcp")]
    public void Published_ports_are_printed_as_docker_does(string address, ushort first, ushort last, ushort toFirst, ushort toLast, string expected) => Assert.Equal(
        expected,
        new PublishedPort(IPAddress.Parse(address), new PortRange(first, last), new PortRange(toFirst, toLast), TransportProtocol.Tcp).ToString());

    [Fact]
    public void A_link_local_address_follows_from_the_MAC_address() =>
        Assert.Equal("fe80::42:acff:fe11:2", MacAddress.Parse("02:42:ac:11:00:02", "mac").ToLinkLocal().ToString());

    [Theory]
    [InlineData("02:42:ac:11:00:02", true)]
    [InlineData("02-42-AC-11-00-02", true)]
    [InlineData("01:42:ac:11:00:02", false)]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("02:42:ac:11:00", false)]
    [InlineData("02:42:ac:11:00:02:03", false)]
    [InlineData("02:42:ac:11:00:2", false)]
    [InlineData("02:42:ac:11:00:zz", false)]
    [InlineData("", false)]
    public void Only_unicast_mac_addresses_are_read(string text, bool valid)
    {
        Assert.Equal(valid, MacAddress.TryParse(text, out MacAddress address));
        if (valid)
        {
            Assert.Equal("02:42:ac:11:00:02", address.ToString());
            Assert.Equal(address, MacAddress.FromBytes(address.ToBytes()));
        }
    }

    [Fact]
    public void Random_mac_addresses_are_local_and_unicast()
    {
        Assert.Equal("fe:ff:ff:ff:ff:ff", MacAddress.FromRandom([255, 255, 255, 255, 255, 255]).ToString());
        Assert.Equal("02:00:00:00:00:00", MacAddress.FromRandom([0, 0, 0, 0, 0, 0]).ToString());
    }
}
