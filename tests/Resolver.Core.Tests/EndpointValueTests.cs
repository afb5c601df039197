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
    [InlineData("8080:80", "0.0.0.0:8080->80/tcp")]
    [InlineData("127.0.0.1:8080:80", "127.0.0.1:8080->80/tcp")]
    [InlineData("53:5353/udp", "0.0.0.0:53->5353/udp")]
    [InlineData("10.0.0.1:1:65535/tcp", "10.0.0.1:1->65535/tcp")]
    public void Published_ports_read_as_docker_writes_them(string text, string expected)
    {
        Assert.Equal(expected, PublishedPort.Parse(text, "ports").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData(":80")]
    [InlineData("8080:")]
    [InlineData("0:80")]
    [InlineData("8080:0")]
    [InlineData("65536:80")]
    [InlineData("8080:80/sctp")]
    [InlineData("8080:80/TCP/udp")]
    [InlineData("-1:80")]
    [InlineData("a:8080:80")]
    [InlineData("127.1:8080:80")]
    [InlineData("1:2:3:4")]
    [InlineData(" 8080:80")]
    public void What_is_no_published_port_is_refused_with_the_form(string text)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => PublishedPort.Parse(text, "ports"));
        Assert.Contains("[ip:]hostport:port[/tcp|/udp]", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8080:80", "8080:81", true)]
    [InlineData("127.0.0.1:8080:80", "8080:80", true)]
    [InlineData("127.0.0.1:8080:80", "127.0.0.2:8080:80", false)]
    [InlineData("8080:80/tcp", "8080:80/udp", false)]
    [InlineData("8080:80", "8081:80", false)]
    public void Ports_conflict_when_an_address_is_common(string one, string other, bool expected)
    {
        Assert.Equal(expected, PublishedPort.Parse(one, "a").Conflicts(PublishedPort.Parse(other, "b")));
        Assert.Equal(expected, PublishedPort.Parse(other, "b").Conflicts(PublishedPort.Parse(one, "a")));
    }

    [Fact]
    public void Equal_published_ports_are_equal_values()
    {
        Assert.Equal(new PublishedPort(IPAddress.Any, 8080, 80, TransportProtocol.Tcp), PublishedPort.Parse("8080:80", "ports"));
    }

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
