// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
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
        Assert.Equal(expected, SubnetAllocation.Next([Pool], AddressFamily.InterNetwork, null, [.. taken.Select(text => Subnet.Parse(text, "taken"))]).ToString());
    }

    [Fact]
    public void The_next_pool_follows_a_full_one_and_the_end_is_said()
    {
        SubnetPool small = new(Subnet.Parse("10.9.0.0/23", "pool"), 24);
        List<Subnet> taken = [Subnet.Parse("10.201.0.0/16", "taken")];
        foreach (string expected in new[] { "10.9.0.0/24", "10.9.1.0/24" })
        {
            Subnet next = SubnetAllocation.Next([Pool, small], AddressFamily.InterNetwork, null, taken);
            Assert.Equal(expected, next.ToString());
            taken.Add(next);
        }

        RefusedException refused = Assert.Throws<RefusedException>(() => SubnetAllocation.Next([Pool, small], AddressFamily.InterNetwork, null, taken));
        Assert.Equal(FailureReason.Exhausted, refused.Reason);
        Assert.Contains("10.9.0.0/23 in /24s", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_ends_with_the_address_space_ends()
    {
        SubnetPool last = new(Subnet.Parse("255.255.255.0/24", "pool"), 25);
        Assert.Throws<RefusedException>(() => SubnetAllocation.Next([last], AddressFamily.InterNetwork, null, [Subnet.Parse("255.255.255.0/24", "taken")]));
    }

    [Fact]
    public void A_length_that_is_asked_for_goes_before_the_pools_own()
    {
        SubnetPool wide = new(Subnet.Parse("fd00:1::/48", "pool"), 64);
        Assert.Equal("fd00:1::/80", SubnetAllocation.Next([Pool, wide], AddressFamily.InterNetworkV6, 80, []).ToString());
        Assert.Equal("10.201.0.0/28", SubnetAllocation.Next([Pool, wide], AddressFamily.InterNetwork, 28, []).ToString());
        RefusedException refused = Assert.Throws<RefusedException>(() => SubnetAllocation.Next([Pool], AddressFamily.InterNetwork, 8, []));
        Assert.StartsWith("no default pool has IPv4 subnets of /8", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_subnets_do_not_make_the_next_one_slow_to_find_or_wrong()
    {
        List<Subnet> taken = [];
        for (int i = 0; i < 1024; i++)
        {
            taken.Add(SubnetAllocation.Next([new SubnetPool(Subnet.Parse("10.0.0.0/8", "pool"), 24)], AddressFamily.InterNetwork, null, taken));
        }

        Assert.Equal("10.3.255.0/24", taken[^1].ToString());
        Assert.Equal(1024, taken.Distinct().Count());
    }

    [Fact]
    public void Addresses_come_from_the_range_and_never_a_reserved_one()
    {
        NetworkSubnet subnet = Of("10.0.0.0/24", "10.0.0.1") with
        {
            Range = Subnet.Parse("10.0.0.252/30", "range"),
            Reserved = [IPAddress.Parse("10.0.0.253")],
        };
        Assert.Equal("10.0.0.252", AddressAllocation.Next(subnet, _ => false, null).ToString());
        Assert.Equal("10.0.0.254", AddressAllocation.Next(subnet, _ => false, IPAddress.Parse("10.0.0.252")).ToString());
        Assert.Equal("10.0.0.252", AddressAllocation.Next(subnet, _ => false, IPAddress.Parse("10.0.0.254")).ToString());
        RefusedException refused = Assert.Throws<RefusedException>(
            () => AddressAllocation.Next(subnet, address => !address.Equals(IPAddress.Parse("10.0.0.253")), null));
        Assert.Equal("range 10.0.0.252/30 of subnet 10.0.0.0/24 has no free address left", refused.Message);
    }

    [Fact]
    public void The_top_of_an_IPv6_space_is_used_to_its_end()
    {
        NetworkSubnet subnet = Of("fd00::/64", "fd00::1") with { Range = Subnet.Parse("fd00::ffff:ffff:ffff:fffe/127", "range") };
        Assert.Equal("fd00::ffff:ffff:ffff:fffe", AddressAllocation.Next(subnet, _ => false, null).ToString());
        Assert.Equal("fd00::ffff:ffff:ffff:ffff", AddressAllocation.Next(subnet, _ => false, IPAddress.Parse("fd00::ffff:ffff:ffff:fffe")).ToString());
        Assert.Equal("fd00::ffff:ffff:ffff:fffe", AddressAllocation.Next(subnet, _ => false, IPAddress.Parse("fd00::ffff:ffff:ffff:ffff")).ToString());
    }

    [Fact]
    public void The_unique_local_prefix_is_the_identitys_own_and_always_the_same()
    {
        Subnet one = UlaPrefix.Of("0123456789abcdef0123456789abcdef");
        Assert.Equal(one, UlaPrefix.Of("0123456789abcdef0123456789abcdef"));
        Assert.NotEqual(one, UlaPrefix.Of("0123456789abcdef0123456789abcdee"));
        Assert.StartsWith("fd", one.ToString(), StringComparison.Ordinal);
        Assert.Equal(48, one.PrefixLength);
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
