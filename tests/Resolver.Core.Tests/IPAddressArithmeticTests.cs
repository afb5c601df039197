// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Xunit;

namespace Resolver.Core.Tests;

public sealed class IPAddressArithmeticTests
{
    [Theory]
    [InlineData("10.0.0.255", 1, "10.0.1.0")]
    [InlineData("0.0.0.0", uint.MaxValue, "255.255.255.255")]
    [InlineData("fd00::ffff", 1, "fd00::1:0")]
    public void Addition_carries_over_octets(string start, uint offset, string expected)
    {
        IPAddress sum = IPAddressArithmetic.Add(IPAddress.Parse(start), offset);
        Assert.Equal(IPAddress.Parse(expected), sum);
        Assert.Equal((UInt128)offset, IPAddressArithmetic.Distance(IPAddress.Parse(start), sum));
    }

    [Theory]
    [InlineData("255.255.255.255")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Addition_past_the_last_address_is_an_overflow(string last)
    {
        Assert.Throws<OverflowException>(() => IPAddressArithmetic.Add(IPAddress.Parse(last), 1));
    }

    [Fact]
    public void Mask_clears_host_bits_of_every_length()
    {
        IPAddress ones = IPAddress.Broadcast;
        for (int length = 0; length <= 32; length++)
        {
            uint expected = length == 0 ? 0 : uint.MaxValue << (32 - length);
            Assert.Equal((UInt128)expected, IPAddressArithmetic.ToInteger(IPAddressArithmetic.Mask(ones, length)));
        }
    }
}
