// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Networking.Allocation;
using Xunit;

namespace Resolver.Networking.Tests;

public sealed class AllocationTests
{
    private static readonly SubnetPool Pool = new(Subnet.Parse("10.201.0.0/16", "pool"), 24);

    [Theory]
    [InlineData("10.201.0.0/24")]
    [InlineData("10.201.1.0/24", "10.201.0.0/24")]
    [InlineData("10.201.64.0/24", "10.201.0.0/18")]
    [InlineData("10.201.1.0/24", "10.201.0.128/25")]
    [InlineData("10.201.0.0/24", "10.201.1.0/24", "0.0.0.0/32")]
    public void The_first_subnet_that_overlaps_nothing_is_taken(string expected, params string[] taken)
    {
        Assert.Equal(expected, SubnetAllocation.Next([Pool], [.. taken.Select(text => Subnet.Parse(text, "taken"))]).ToString());
    }

    [Fact]
    public void The_next_pool_follows_a_full_one_and_the_end_is_said()
    {
        SubnetPool small = new(Subnet.Parse("10.9.0.0/23", "pool"), 24);
        List<Subnet> taken = [Subnet.Parse("10.201.0.0/16", "taken")];
        foreach (string expected in new[] { "10.9.0.0/24", "10.9.1.0/24" })
        {
            Subnet next = SubnetAllocation.Next([Pool, small], taken);
            Assert.Equal(expected, next.ToString());
            taken.Add(next);
        }

        RefusedException refused = Assert.Throws<RefusedException>(() => SubnetAllocation.Next([Pool, small], taken));
        Assert.Equal(FailureReason.Exhausted, refused.Reason);
        Assert.Contains("10.9.0.0/23 in /24s", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_ends_with_the_address_space_ends()
    {
        SubnetPool last = new(Subnet.Parse("255.255.255.0/24", "pool"), 25);
        Assert.Throws<RefusedException>(() => SubnetAllocation.Next([last], [Subnet.Parse("255.255.255.0/24", "taken")]));
    }

    [Fact]
    public void Addresses_go_on_behind_the_last_one_and_wrap_around()
    {
        NetworkSubnet subnet = Of("10.0.0.0/29", "10.0.0.1");
        HashSet<IPAddress> taken = [];
        IPAddress? last = null;
        foreach (string expected in new[] { "10.0.0.2", "10.0.0.3", "10.0.0.4" })
        {
            last = AddressAllocation.Next(subnet, taken.Contains, last);
            Assert.Equal(expected, last.ToString());
            taken.Add(last);
        }

        taken.Remove(IPAddress.Parse("10.0.0.3"));
        Assert.Equal("10.0.0.5", AddressAllocation.Next(subnet, taken.Contains, last).ToString());
        Assert.Equal("10.0.0.3", AddressAllocation.Next(subnet, taken.Contains, IPAddress.Parse("10.0.0.6")).ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/30", "10.0.0.1", "10.0.0.2")]
    [InlineData("10.0.0.0/31", "10.0.0.0", "10.0.0.1")]
    [InlineData("fd00::/127", "fd00::", "fd00::1")]
    public void The_smallest_subnets_have_one_address_beside_the_gateway(string prefix, string gateway, string expected)
    {
        NetworkSubnet subnet = Of(prefix, gateway);
        IPAddress only = AddressAllocation.Next(subnet, _ => false, null);
        Assert.Equal(expected, only.ToString());
        Assert.Throws<RefusedException>(() => AddressAllocation.Next(subnet, only.Equals, only));
    }

    [Theory]
    [InlineData("10.0.1.1", "lies outside")]
    [InlineData("fd00::1", "lies outside")]
    [InlineData("10.0.0.1", "is the gateway")]
    [InlineData("10.0.0.0", "is the network address")]
    [InlineData("10.0.0.255", "is the broadcast address")]
    public void An_address_that_no_endpoint_may_have_is_refused(string address, string reason)
    {
        RefusedException refused = Assert.Throws<RefusedException>(
            () => AddressAllocation.Check(Of("10.0.0.0/24", "10.0.0.1"), IPAddress.Parse(address), "ip"));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal("ip", refused.Subject);
    }

    private static NetworkSubnet Of(string prefix, string gateway) => new(Subnet.Parse(prefix, "subnet"), IPAddress.Parse(gateway));
}
