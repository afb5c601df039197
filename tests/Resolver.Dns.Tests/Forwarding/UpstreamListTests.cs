// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Dns.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

public sealed class UpstreamListTests
{
    [Theory]
    [InlineData("nameserver 192.0.2.1", "192.0.2.1:53")]
    [InlineData("  nameserver\t192.0.2.1\t", "192.0.2.1:53")]
    [InlineData("nameserver 192.0.2.1 # trailing", "192.0.2.1:53")]
    [InlineData("nameserver 192.0.2.1#trailing", "192.0.2.1:53")]
    [InlineData("nameserver 192.0.2.1;trailing", "192.0.2.1:53")]
    [InlineData("nameserver 2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("nameserver ::ffff:192.0.2.1", "192.0.2.1:53")]
    [InlineData("nameserver 127.0.0.53", "127.0.0.53:53")]
    [InlineData("nameserver 127.0.0.11", "127.0.0.11:53")] // the host is itself a container
    public void A_nameserver_line_gives_its_address(string line, string expected) =>
        Assert.Equal([expected], UpstreamList.Parse([line]).Select(upstream => upstream.ToString()));

    [Fact]
    public void A_zone_is_the_number_of_its_interface()
    {
        // The loopback interface is the first of every network namespace.
        IPEndPoint named = Assert.Single(UpstreamList.Parse(["nameserver fe80::1%lo"]));
        IPEndPoint numbered = Assert.Single(UpstreamList.Parse(["nameserver fe80::1%1"]));

        Assert.Equal(1, named.Address.ScopeId);
        Assert.Equal(named, numbered);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nameserver 192.0.2.1")]
    [InlineData("; nameserver 192.0.2.1")]
    [InlineData("#nameserver 192.0.2.1")]
    [InlineData("nameserver")]
    [InlineData("nameserver # 192.0.2.1")]
    [InlineData("nameserver192.0.2.1")]
    [InlineData("nameservers 192.0.2.1")]
    [InlineData("search 192.0.2.1")]
    [InlineData("nameserver dns.example")]
    [InlineData("nameserver 192.0.2")]
    [InlineData("nameserver 192.0.2.256")]
    [InlineData("nameserver 1")]
    [InlineData("nameserver [2001:db8::1]:5353")]
    [InlineData("nameserver 192.0.2.1:5353")]
    [InlineData("nameserver 2001:db8::g")]
    [InlineData("nameserver fe80::1%nosuchif0")]
    [InlineData("nameserver fe80::1%")]
    [InlineData("nameserver \0\uFFFD\u0007")]
    public void Other_lines_give_none(string line) => Assert.Empty(UpstreamList.Parse([line]));

    [Fact]
    public void The_order_stays_and_each_is_there_once()
    {
        string[] lines = ["nameserver 192.0.2.2", "garbage", "nameserver 192.0.2.1", "nameserver 192.0.2.2", "options ndots:5"];

        Assert.Equal(["192.0.2.2:53", "192.0.2.1:53"], UpstreamList.Parse(lines).Select(upstream => upstream.ToString()));
    }
}
