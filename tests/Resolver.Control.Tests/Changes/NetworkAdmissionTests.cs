// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Store;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class NetworkAdmissionTests
{
    private readonly World _world = new();

    [Fact]
    public void A_new_network_is_committed_before_the_kernel_makes_it_and_deleted_if_the_kernel_refuses()
    {
        Admitted admitted = _world.Admit(World.Create("app", "172.30.0.0/24"));
        Network network = admitted.Result.Network!;
        Assert.Equal(Durability.Now, admitted.Edit.Durability);
        Assert.Equal([new StoreOperation.PutNetwork(network)], admitted.Edit.Operations);
        Assert.Equal([new StoreOperation.DeleteNetwork(network.Id)], admitted.Failure.Operations);
        Assert.Equal($"br-{network.Id.ShortId}", network.Bridge.Value);
        Assert.Equal([network.Id], admitted.Claims);
    }

    [Fact]
    public void The_default_network_has_its_own_bridge_name() =>
        Assert.Equal("resolver0", _world.HasNetwork("bridge", "10.201.0.0/24").Bridge.Value);

    [Fact]
    public void A_taken_name_is_refused_whatever_its_case()
    {
        Network app = _world.HasNetwork("app", "172.30.0.0/24");
        string message = _world.Refused(FailureReason.AlreadyExists, World.Create("APP", "172.31.0.0/24")).Message;
        Assert.Equal($"create network APP: the name is taken by network {app.Id.ShortId}; choose another", message);
    }

    [Theory]
    [InlineData("172.30.0.0/24")]
    [InlineData("172.30.0.0/16")]
    [InlineData("172.30.0.128/25")]
    [InlineData("172.0.0.0/8")]
    public void A_subnet_that_overlaps_one_of_ours_is_refused_with_its_network(string subnet)
    {
        _world.HasNetwork("low", "172.29.255.0/24");
        _world.HasNetwork("app", "172.30.0.0/24");
        _world.HasNetwork("high", "172.30.1.0/24");
        string message = _world.Refused(FailureReason.AlreadyExists, World.Create("new", subnet)).Message;
        Assert.StartsWith($"create network new: subnet {subnet} overlaps 172.", message, StringComparison.Ordinal);
        Assert.Matches("of network (low|app|high); choose another$", message);
    }

    [Fact]
    public void Neighbouring_subnets_do_not_overlap()
    {
        _world.HasNetwork("a", "172.30.0.0/24");
        _world.HasNetwork("c", "172.30.2.0/24");
        _world.HasNetwork("b", "172.30.1.0/24");
        Assert.Equal(3, _world.State.Networks.Count);
    }

    [Fact]
    public void A_subnet_that_overlaps_a_route_of_the_host_is_refused_with_the_route()
    {
        _world.HostPrefixes = [Subnet.Parse("192.168.0.0/16", "route")];
        Assert.Equal(
            "create network app: subnet 192.168.7.0/24 overlaps 192.168.0.0/16, which this host has a route or address for; choose another",
            _world.Refused(FailureReason.AlreadyExists, World.Create("app", "192.168.7.0/24")).Message);
    }

    [Fact]
    public void An_IPv6_subnet_makes_the_network_dual_stack()
    {
        Network network = _world.Done(World.Create("app", "fd00::/64")).Network!;
        Assert.Equal(["10.201.0.0/24", "fd00::/64"], network.Subnets.Select(subnet => subnet.Subnet.ToString()));
        Assert.Equal(["10.201.0.1", "fd00::1"], network.Subnets.Select(subnet => subnet.Gateway!.ToString()));
    }

    [Fact]
    public void A_network_may_have_IPv6_alone_but_not_nothing()
    {
        Network network = _world.Done(World.Create("six", "fd00::/64") with { HasIPv4 = false }).Network!;
        Assert.Equal("fd00::/64", Assert.Single(network.Subnets).Subnet.ToString());
        _world.Refused(FailureReason.InvalidArgument, new CreateNetwork(World.Name("none"), []) { HasIPv4 = false });
        Assert.Contains(
            "is IPv4, and the network shall have none",
            _world.Refused(FailureReason.InvalidArgument, World.Create("four", "10.0.0.0/24") with { HasIPv4 = false, HasIPv6 = true }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Two_subnets_of_a_family_are_refused() => Assert.Contains(
        "10.0.0.0/24 and 10.0.1.0/24 are of the same family",
        _world.Refused(FailureReason.InvalidArgument, new CreateNetwork(
            World.Name("app"), [new SubnetRequest(Subnet.Parse("10.0.0.0/24", "a")), new SubnetRequest(Subnet.Parse("10.0.1.0/24", "b"))])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Any_subnet_of_a_length_is_chosen_clear_of_routes_and_nameservers()
    {
        _world.HostPrefixes = [Subnet.Parse("10.201.0.0/25", "route")];
        _world.HostNameservers = [World.Ip("10.201.0.140")];
        Assert.Equal("10.201.0.144/28", Assert.Single(_world.HasNetwork("app", "0.0.0.0/28").Subnets).Subnet.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/32")]
    [InlineData("fd00::/128")]
    public void A_subnet_without_room_is_refused(string subnet) => Assert.Contains(
        "has no room for a gateway and a sandbox", _world.Refused(FailureReason.InvalidArgument, World.Create("app", subnet)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.0.0.0/0", "is everything there is")]
    [InlineData("127.5.0.0/16", "which is for loopback")]
    [InlineData("239.0.0.0/8", "which is for multicast")]
    [InlineData("fe80::/64", "which is for link-local addresses")]
    [InlineData("ff02::/16", "which is for multicast")]
    public void A_subnet_that_is_for_no_hosts_is_refused(string subnet, string why) =>
        Assert.Contains(why, _world.Refused(FailureReason.InvalidArgument, World.Create("app", subnet)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.0.0.0/31", "10.0.0.0")]
    [InlineData("10.0.0.4/30", "10.0.0.5")]
    [InlineData("fd00::/127", "fd00::")]
    public void The_smallest_subnets_have_a_gateway_and_a_sandbox(string subnet, string gateway) =>
        Assert.Equal(gateway, _world.HasNetwork("app", subnet).Subnets.Single(candidate => candidate.Subnet.ToString() == subnet).Gateway!.ToString());

    [Theory]
    [InlineData("10.0.1.1", "gateway 10.0.1.1 lies outside subnet 10.0.0.0/24; choose another")]
    [InlineData("fd00::1", "gateway fd00::1 lies outside subnet 10.0.0.0/24; choose another")]
    [InlineData("10.0.0.0", "gateway 10.0.0.0 is the network address of subnet 10.0.0.0/24; choose another")]
    [InlineData("10.0.0.255", "gateway 10.0.0.255 is the broadcast address of subnet 10.0.0.0/24; choose another")]
    public void A_gateway_that_cannot_be_one_is_refused(string gateway, string message)
    {
        RefusedException refused = _world.Refused(FailureReason.InvalidArgument, World.Create("app", "10.0.0.0/24", gateway));
        Assert.Equal("gateway", refused.Subject);
        Assert.Equal($"create network app: {message}", refused.Message);
    }

    [Theory]
    [InlineData("10.0.1.0/25", "", "ip-range 10.0.1.0/25 lies outside subnet 10.0.0.0/24")]
    [InlineData("10.0.0.0/23", "", "ip-range 10.0.0.0/23 lies outside subnet 10.0.0.0/24")]
    [InlineData("", "10.0.1.5", "aux-address 10.0.1.5 lies outside subnet 10.0.0.0/24; choose another")]
    [InlineData("", "10.0.0.1", "aux-address 10.0.0.1 is the gateway")]
    public void A_range_or_reserved_address_outside_is_refused(string range, string reserved, string message)
    {
        SubnetRequest request = new(Subnet.Parse("10.0.0.0/24", "subnet"))
        {
            Range = range.Length == 0 ? null : Subnet.Parse(range, "range"),
            Reserved = reserved.Length == 0 ? [] : [World.Ip(reserved)],
        };
        RefusedException refused = _world.Refused(FailureReason.InvalidArgument, new CreateNetwork(World.Name("app"), [request]));
        Assert.Equal($"create network app: {message}", refused.Message);
    }

    [Theory]
    [InlineData(GatewayMode.Isolated, false, "isolated leaves no way out")]
    [InlineData(GatewayMode.Routed, true, "opens ports to the outside")]
    [InlineData(GatewayMode.NatUnprotected, true, "opens ports to the outside")]
    public void Modes_that_contradict_internal_are_refused(GatewayMode mode, bool isInternal, string why) => Assert.Contains(
        why,
        _world.Refused(FailureReason.InvalidArgument, World.Create("app", "10.0.0.0/24") with
        {
            Policy = TrafficPolicy.Default with { IPv4Mode = mode, IsInternal = isInternal },
        }).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(true, false, GatewayMode.Nat, GatewayMode.Routed, "", "gateway_mode_ipv6 is about IPv6, which the network shall not have; add --ipv6, or leave it out")]
    [InlineData(false, true, GatewayMode.NatUnprotected, GatewayMode.Nat, "", "gateway_mode_ipv4 is about IPv4, which the network shall not have; leave it out")]
    [InlineData(true, false, GatewayMode.Nat, GatewayMode.Nat, "2001:db8::7", "packets can't leave with 2001:db8::7, because the network shall have no IPv6; add --ipv6, or leave it out")]
    [InlineData(false, true, GatewayMode.Nat, GatewayMode.Nat, "192.0.2.7", "packets can't leave with 192.0.2.7, because the network shall have no IPv4; leave it out")]
    public void What_is_about_a_family_that_the_network_shall_not_have_is_refused(
        bool hasIPv4, bool hasIPv6, GatewayMode mode4, GatewayMode mode6, string source, string message) => Assert.Equal(
        $"create network app: {message}",
        _world.Refused(FailureReason.InvalidArgument, new CreateNetwork(World.Name("app"), [])
        {
            HasIPv4 = hasIPv4,
            HasIPv6 = hasIPv6,
            Policy = TrafficPolicy.Default with { IPv4Mode = mode4, IPv6Mode = mode6, SourceAddresses = source.Length == 0 ? [] : [World.Ip(source)] },
        }).Message);

    [Fact]
    public void An_internal_network_has_no_address_to_publish_on() => Assert.Equal(
        "create network app: an internal network publishes nothing, on 127.0.0.1 or elsewhere; leave one out",
        _world.Refused(FailureReason.InvalidArgument, World.Create("app", "10.0.0.0/24") with
        {
            Policy = TrafficPolicy.Default with { IsInternal = true },
            PublishAddress = World.Ip("127.0.0.1"),
        }).Message);

    [Theory]
    [InlineData("fd00:1::/64", false)]
    [InlineData("10.0.0.0/24", true)]
    public void An_mtu_that_IPv6_does_not_work_with_is_refused_where_there_is_IPv6(string subnet, bool hasIPv6) => Assert.Equal(
        "create network app: mtu 1000 is outside 1280 to 65535: IPv6 works with no less",
        _world.Refused(FailureReason.InvalidArgument, World.Create("app", subnet) with { HasIPv6 = hasIPv6, Mtu = 1000 }).Message);

    [Fact]
    public void An_isolated_network_has_no_gateway_and_gives_its_address_away()
    {
        Network network = _world.Done(World.Create("alone", "10.0.0.0/31") with
        {
            Policy = TrafficPolicy.Default with { IPv4Mode = GatewayMode.Isolated, IsInternal = true },
        }).Network!;
        Assert.Null(Assert.Single(network.Subnets).Gateway);
        ConnectEndpoint connect = World.Connect("alone", "a", "10.0.0.0");
        Assert.Equal("10.0.0.0", Assert.Single(_world.Done(connect, _world.FreshNetns()).Endpoint!.Addresses).ToString());
        Assert.False(_world.State.Endpoints.Values.Single().ProvidesDefaultRoute);
    }

    [Theory]
    [InlineData(67)]
    [InlineData(65536)]
    public void An_mtu_out_of_range_is_refused(int mtu) => Assert.Equal(
        $"create network app: mtu {mtu} is outside 68 to 65535",
        _world.Refused(FailureReason.InvalidArgument, World.Create("app", "10.0.0.0/24") with { Mtu = mtu }).Message);

    [Fact]
    public void A_network_in_use_is_not_removed_and_its_users_are_named()
    {
        _world.HasNetwork("app", "10.0.0.0/24");
        for (int i = 1; i <= 7; i++)
        {
            _world.HasEndpoint("app", $"web{i}", $"10.0.0.{i + 1}");
        }

        Assert.Equal(
            "remove network app: it is in use by web1, web2, web3, web4, web5 and 2 more; disconnect them first",
            _world.Refused(FailureReason.FailedPrecondition, new RemoveNetwork("app")).Message);
    }

    [Fact]
    public void The_default_network_is_not_removed()
    {
        _world.HasNetwork("bridge", "10.0.0.0/24");
        Assert.Equal(
            "remove network bridge: it is the default network, which always exists",
            _world.Refused(FailureReason.FailedPrecondition, new RemoveNetwork("bridge")).Message);
    }

    [Fact]
    public void An_unknown_network_is_not_found() => Assert.StartsWith(
        "remove network: there is no network 'nope'", _world.Refused(FailureReason.NotFound, new RemoveNetwork("nope")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_network_is_deleted_with_its_registrations_only_after_the_kernel_has_removed_it()
    {
        Network app = _world.HasNetwork("app", "10.0.0.0/24");
        _world.Done(new RegisterNames("app", World.Dns("db"), [World.Ip("192.0.2.1")], []));
        Admitted admitted = _world.Admit(new RemoveNetwork("app"));
        Assert.Empty(admitted.Edit.Operations);
        Assert.Equal([new StoreOperation.DeleteRegistration(app.Id, World.Dns("db")), new StoreOperation.DeleteNetwork(app.Id)], admitted.Success.Operations);
        Assert.Empty(admitted.Failure.Operations);
    }

    [Fact]
    public void Networks_are_found_by_name_id_and_unambiguous_prefix()
    {
        Network app = _world.HasNetwork("app", "10.0.0.0/24");
        Assert.Same(app, _world.State.FindNetwork("App"));
        Assert.Same(app, _world.State.FindNetwork(app.Id.Value));
        Assert.Same(app, _world.State.FindNetwork(app.Id.Value[..4]));
        Assert.Null(_world.State.FindNetwork(app.Id.Value[..3]));
        Assert.Null(_world.State.FindNetwork("no such thing"));
    }
}
