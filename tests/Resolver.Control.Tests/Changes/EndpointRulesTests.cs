// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class EndpointRulesTests
{
    private readonly World _world = new();

    public EndpointRulesTests()
    {
        _world.HasNetwork("app", "10.201.3.0/24");
        _world.HasNetwork("back", "10.201.4.0/24");
        _world.Done(World.Create("six", "10.201.5.0/24") with
        {
            Subnets = [new SubnetRequest(Subnet.Parse("10.201.5.0/24", "subnet")), new SubnetRequest(Subnet.Parse("fd00:5::/64", "subnet"))],
        });
    }

    [Fact]
    public void An_endpoint_keeps_what_was_asked_for()
    {
        Endpoint endpoint = _world.HasEndpoint("app", "web", "10.201.3.2", connect => connect with
        {
            Mtu = 1400,
            Sysctls = [LinkSysctl.Parse("net.ipv4.conf.IFNAME.log_martians=1", "sysctls")],
            Routes = Routes("10.8.0.0/16=10.201.3.9", "10.8.1.0/24=10.201.3.10"),
        });
        Assert.Equal(1400, endpoint.Mtu);
        Assert.Equal("net.ipv4.conf.IFNAME.log_martians=1", Assert.Single(endpoint.Sysctls).ToString());
        Assert.Equal(["10.8.0.0/16=10.201.3.9", "10.8.1.0/24=10.201.3.10"], endpoint.Routes.Select(route => route.ToString()));
    }

    [Theory]
    [InlineData("app", "10.201.3.2", 1501)]
    [InlineData("app", "10.201.3.2", 67)]
    [InlineData("six", "10.201.5.2", 1279)]
    public void An_mtu_that_the_network_can_not_carry_is_refused(string network, string ip, int mtu)
    {
        RefusedException refused = _world.Refused(
            FailureReason.InvalidArgument, World.Connect(network, "web", ip, connect => connect with { Mtu = mtu }), _world.FreshNetns());
        Assert.Equal("mtu", refused.Subject);
    }

    [Fact]
    public void A_parameter_given_twice_is_refused()
    {
        ImmutableArray<LinkSysctl> twice =
            [LinkSysctl.Parse("net.ipv4.conf.IFNAME.forwarding=1", "sysctls"), LinkSysctl.Parse("net.ipv4.conf.IFNAME.forwarding=0", "sysctls")];
        RefusedException refused = _world.Refused(
            FailureReason.InvalidArgument, World.Connect("app", "web", "10.201.3.2", connect => connect with { Sysctls = twice }), _world.FreshNetns());
        Assert.Contains("given twice", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alias_stands_for_one_peer()
    {
        ImmutableArray<EndpointLink> links = [EndpointLink.Parse("db:it", "links"), EndpointLink.Parse("cache:IT", "links")];
        RefusedException refused = _world.Refused(
            FailureReason.InvalidArgument, World.Connect("app", "web", "10.201.3.2", connect => connect with { Links = links }), _world.FreshNetns());
        Assert.Contains("db and of cache", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0/0=10.201.3.9", "--gw-priority")]
    [InlineData("10.8.0.0/16=10.201.4.9", "gateway must be an address of network app")]
    [InlineData("fd00:8::/64=10.201.3.9", "of the destination's family")]
    [InlineData("10.8.0.0/16=10.201.3.2", "the endpoint itself")]
    [InlineData("10.201.0.0/16=10.201.3.9", "overlaps 10.201.3.0/24")]
    [InlineData("127.0.0.0/16=10.201.3.9", "127.0.0.0/8")]
    [InlineData("239.0.0.0/8=10.201.3.9", "224.0.0.0/4")]
    public void A_route_that_leads_nowhere_is_refused(string route, string why)
    {
        RefusedException refused = _world.Refused(
            FailureReason.InvalidArgument, World.Connect("app", "web", "10.201.3.2", connect => connect with { Routes = Routes(route) }), _world.FreshNetns());
        Assert.Equal("routes", refused.Subject);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_has_one_route_in_a_sandbox()
    {
        _world.Refused(
            FailureReason.InvalidArgument,
            World.Connect("app", "web", "10.201.3.2", connect => connect with { Routes = Routes("10.8.0.0/16=10.201.3.9", "10.8.0.0/16=10.201.3.10") }),
            _world.FreshNetns());
        _world.HasEndpoint("app", "web", "10.201.3.2", connect => connect with { Routes = Routes("10.8.0.0/16=10.201.3.9") });
        ConnectEndpoint second = new("back", new SandboxTarget.Known("web")) { Routes = Routes("10.8.0.0/16=10.201.4.9") };
        Assert.Contains("another endpoint", _world.Refused(FailureReason.AlreadyExists, second).Message, StringComparison.Ordinal);
    }

    private static ImmutableArray<StaticRoute> Routes(params string[] texts) =>
    [
        .. texts.Select(text => text.Split('=')).Select(parts => new StaticRoute(Subnet.Parse(parts[0], "routes"), World.Ip(parts[1]))),
    ];
}
