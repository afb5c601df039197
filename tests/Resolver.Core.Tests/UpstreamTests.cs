// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class UpstreamTests
{
    [Theory]
    [InlineData("9.9.9.9", "9.9.9.9:53")]
    [InlineData("9.9.9.9:5353", "9.9.9.9:5353")]
    [InlineData("2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("[2001:DB8::1]:5353", "[2001:db8::1]:5353")]
    [InlineData("9.9.9.9@host", "9.9.9.9:53@host")]
    [InlineData("127.0.0.11@host", "127.0.0.11:53@host")]
    [InlineData("corp.example=10.0.0.53", "corp.example=10.0.0.53:53")]
    [InlineData("tls://9.9.9.9", "tls://9.9.9.9:853")]
    [InlineData("tls://9.9.9.9#dns.quad9.net", "tls://9.9.9.9:853#dns.quad9.net")]
    [InlineData("https://9.9.9.9:8443#dns.quad9.net@host", "https://9.9.9.9:8443#dns.quad9.net@host")]
    [InlineData("a.b=https://[2001:db8::1]", "a.b=https://[2001:db8::1]:443")]
    public void An_upstream_is_read_and_written(string text, string canonical)
    {
        Upstream upstream = Upstream.Parse(text, "dns");

        Assert.Equal(canonical, upstream.ToString());
        Assert.Equal(upstream, Upstream.Parse(canonical, "dns"));
    }

    [Fact]
    public void Every_part_is_read()
    {
        Upstream upstream = Upstream.Parse("corp.example=tls://10.0.0.53:8853#dns.example@host", "dns");

        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.0.0.53"), 8853), upstream.EndPoint);
        Assert.Equal(DnsName.Parse("corp.example", "name"), upstream.Domain);
        Assert.Equal(UpstreamProtocol.Tls, upstream.Protocol);
        Assert.Equal(DnsName.Parse("dns.example", "name"), upstream.ServerName);
        Assert.True(upstream.IsFromHost);
        Assert.False(Upstream.Parse("10.0.0.53", "dns").IsFromHost);
    }

    [Theory]
    [InlineData("")]
    [InlineData("dns.example")]
    [InlineData("10.1")]
    [InlineData("0x0a000001")]
    [InlineData("010.0.0.1")]
    [InlineData("9.9.9.9:")]
    [InlineData("9.9.9.9:0")]
    [InlineData("9.9.9.9:65536")]
    [InlineData("9.9.9.9:-1")]
    [InlineData("[9.9.9.9]:53")]
    [InlineData("[2001:db8::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("=9.9.9.9")]
    [InlineData("..=9.9.9.9")]
    [InlineData("a=b=9.9.9.9")]
    [InlineData("9.9.9.9#name")] // nothing to check it against in clear text
    [InlineData("tls://9.9.9.9#")]
    [InlineData("tls://9.9.9.9#..")]
    [InlineData("quic://9.9.9.9")]
    [InlineData("tls://tls://9.9.9.9")]
    [InlineData("9.9.9.9@sandbox")]
    [InlineData("9.9.9.9@host@host")]
    [InlineData(" 9.9.9.9")]
    [InlineData("9.9.9.9\n")]
    public void Anything_else_is_refused_by_name(string text)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => Upstream.Parse(text, "dns"));

        Assert.Contains("dns", refused.Message, StringComparison.Ordinal);
        Assert.Contains("tls://", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.11")]
    [InlineData("app=127.0.0.11:53")]
    public void The_responder_is_no_upstream_of_its_own_sandbox(string text) =>
        Assert.Contains("ask itself", Assert.Throws<RefusedException>(() => Upstream.Parse(text, "dns")).Message, StringComparison.Ordinal);
}
