// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class SubnetTests
{
    [Fact]
    public void Host_bits_are_refused_with_the_subnet_that_was_meant()
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => Subnet.Parse("172.30.0.7/24", "subnet"));
        Assert.Equal("subnet 172.30.0.7/24 has host bits set: did you mean 172.30.0.0/24?", refused.Message);
        Assert.Equal(FailureReason.InvalidArgument, refused.Reason);
        Assert.Equal("subnet", refused.Subject);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/24")]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0/8")]
    [InlineData("0x0a000000/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("fe80::%1/64")]
    [InlineData("::/129")]
    [InlineData("10.0.0.0/8/8")]
    public void Text_that_is_no_prefix_is_refused(string text)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => Subnet.Parse(text, "subnet"));
        Assert.Contains("is no subnet such as", refused.Message, StringComparison.Ordinal);
        Assert.False(Subnet.TryParse(text, out _));
    }

    [Theory]
    [InlineData("172.30.0.0/24", "172.30.0.0", "172.30.0.255")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("10.1.2.3/32", "10.1.2.3", "10.1.2.3")]
    [InlineData("fd00::/64", "fd00::", "fd00::ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void First_and_last_are_the_ends_of_the_prefix(string text, string first, string last)
    {
        Subnet subnet = Subnet.Parse(text, "subnet");
        Assert.Equal(IPAddress.Parse(first), subnet.First);
        Assert.Equal(IPAddress.Parse(last), subnet.Last);
        Assert.Equal(text, subnet.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.201.0.0/24", true)]
    [InlineData("10.201.0.0/24", "10.0.0.0/8", true)]
    [InlineData("10.201.0.0/24", "10.201.1.0/24", false)]
    [InlineData("0.0.0.0/0", "fd00::/64", false)]
    public void Overlap_is_symmetric_and_within_a_family(string one, string other, bool expected)
    {
        Assert.Equal(expected, Subnet.Parse(one, "a").Overlaps(Subnet.Parse(other, "b")));
        Assert.Equal(expected, Subnet.Parse(other, "b").Overlaps(Subnet.Parse(one, "a")));
    }

    [Fact]
    public void Equal_prefixes_are_equal_values()
    {
        Assert.Equal(Subnet.Parse("10.0.0.0/8", "a"), Subnet.Of(IPAddress.Parse("10.9.8.7"), 8));
    }
}
