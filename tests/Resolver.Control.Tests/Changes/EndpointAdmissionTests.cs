// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Store;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class EndpointAdmissionTests
{
    private readonly World _world = new();

    public EndpointAdmissionTests()
    {
        _world.HasNetwork("app", "10.201.3.0/24");
        _world.HasNetwork("back", "10.201.4.0/24");
        _world.HasNetwork("bridge", "10.201.0.0/24");
    }

    [Fact]
    public void A_connect_is_committed_as_pending_with_its_new_sandbox_and_deleted_with_it_if_the_kernel_refuses()
    {
        Admitted admitted = _world.Admit(World.Connect("app", "web", "10.201.3.2"), _world.FreshNetns());
        Endpoint endpoint = Assert.IsType<StoreOperation.PutEndpoint>(admitted.Edit.Operations[1]).Endpoint;
        Sandbox sandbox = Assert.IsType<StoreOperation.PutSandbox>(admitted.Edit.Operations[0]).Sandbox;
        Assert.Equal(Durability.Now, admitted.Edit.Durability);
        Assert.Equal(EndpointPhase.Pending, endpoint.Phase);
        Assert.Equal("eth0", endpoint.SandboxLink.Value);
        Assert.Equal($"ve{endpoint.Id.ShortId}", endpoint.HostLink.Value);
        Assert.True(endpoint.ProvidesDefaultRoute);
        Assert.Equal([new StoreOperation.DeleteEndpoint(endpoint.Id), new StoreOperation.DeleteSandbox(sandbox.Id)], admitted.Failure.Operations);
        Assert.Equal(Durability.Now, admitted.Failure.Durability);
        Assert.Equal(Durability.Later, admitted.Success.Durability);
        Assert.Equal(EndpointPhase.Settled, admitted.Result.Endpoint!.Phase);
    }

    [Fact]
    public void A_refusal_of_the_kernel_leaves_the_state_as_it_was()
    {
        DesiredState before = _world.State;
        _world.RefusedByKernel(World.Connect("app", "web", "10.201.3.2"), _world.FreshNetns());
        Assert.Equal(before.Sandboxes, _world.State.Sandboxes);
        Assert.Equal(before.Endpoints, _world.State.Endpoints);
        Assert.Empty(_world.State.IndexOf(_world.State.FindNetwork("app")!.Id).Addresses);
    }

    [Fact]
    public void A_taken_address_is_refused_with_who_has_it()
    {
        _world.HasEndpoint("app", "db", "10.201.3.7");
        Assert.Equal(
            "connect web to app: address 10.201.3.7 is taken by db; choose another with --ip",
            _world.Refused(FailureReason.AlreadyExists, World.Connect("app", "web", "10.201.3.7"), _world.FreshNetns()).Message);
    }

    [Theory]
    [InlineData("10.201.4.7")]
    [InlineData("10.201.3.1")]
    [InlineData("10.201.3.255")]
    public void An_address_that_no_endpoint_may_have_is_refused(string address) => Assert.Equal(
        "ip", _world.Refused(FailureReason.InvalidArgument, World.Connect("app", "web", address), _world.FreshNetns()).Subject);

    [Fact]
    public void Without_a_wish_the_next_free_address_is_taken_and_a_released_one_is_not_reused_at_once()
    {
        ConnectEndpoint first = World.Connect("app", "a", "10.201.3.2", connect => connect with { Addresses = [] });
        Assert.Equal([World.Ip("10.201.3.2")], _world.Done(first, _world.FreshNetns()).Endpoint!.Addresses);
        _world.Done(new DisconnectEndpoint("app", "a"));
        Assert.Equal([World.Ip("10.201.3.3")], _world.Done(first, _world.FreshNetns()).Endpoint!.Addresses);
    }

    [Fact]
    public void A_network_takes_as_many_endpoints_as_a_bridge_has_ports_and_refuses_the_next_with_the_limit()
    {
        _world.HasNetwork("large", "10.202.0.0/16");
        for (int number = 0; number < 1023; number++)
        {
            _world.Done(World.Connect("large", $"n{number}", "10.202.0.2", connect => connect with { Addresses = [] }), _world.FreshNetns());
        }

        ConnectEndpoint next = World.Connect("large", "web", "10.202.0.2", connect => connect with { Addresses = [] });
        RefusedException refused = _world.Refused(FailureReason.Exhausted, next, _world.FreshNetns());
        Assert.Equal("network large", refused.Subject);
        Assert.Equal(
            "connect web to large: network large has 1023 endpoints, which is the most that a bridge takes; disconnect one or use another network",
            refused.Message);

        _world.Done(new DisconnectEndpoint("large", "n7"));
        Assert.Equal("web", _world.Done(next, _world.FreshNetns()).Sandbox!.Name.Value);
    }

    [Fact]
    public void A_taken_MAC_address_is_refused_with_who_has_it()
    {
        MacAddress mac = MacAddress.Parse("02:00:00:00:00:01", "mac");
        _world.HasEndpoint("app", "db", "10.201.3.7", connect => connect with { Mac = mac });
        ConnectEndpoint again = World.Connect("app", "web", "10.201.3.8", connect => connect with { Mac = mac });
        Assert.Equal(
            "connect web to app: MAC address 02:00:00:00:00:01 is taken by db on this network; choose another with --mac",
            _world.Refused(FailureReason.AlreadyExists, again, _world.FreshNetns()).Message);
        _world.HasEndpoint("back", "web", "10.201.4.8", connect => connect with { Mac = mac });
    }

    [Fact]
    public void A_taken_sandbox_name_is_refused()
    {
        _world.HasEndpoint("app", "web", "10.201.3.7");
        Assert.Equal(
            "connect Web to back: the name is taken by the sandbox of /run/netns/any; choose another, or 'resolver rm web' first",
            _world.Refused(FailureReason.AlreadyExists, World.Connect("back", "Web", "10.201.4.7"), _world.FreshNetns()).Message);
    }

    [Fact]
    public void The_same_namespace_is_the_same_sandbox()
    {
        WorldFacts netns = _world.FreshNetns();
        Endpoint first = _world.Done(World.Connect("app", "web", "10.201.3.7"), netns).Endpoint!;
        Endpoint second = _world.Done(World.Connect("back", "web", "10.201.4.7") with { Name = null }, netns).Endpoint!;
        Assert.Equal(first.SandboxId, second.SandboxId);
        Assert.Equal("eth1", second.SandboxLink.Value);
        Assert.False(second.ProvidesDefaultRoute);
        Assert.Contains(
            "that namespace is sandbox web already",
            _world.Refused(FailureReason.InvalidArgument, World.Connect("bridge", "other", "10.201.0.7"), netns).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_endpoint_on_the_same_network_is_refused()
    {
        _world.HasEndpoint("app", "web", "10.201.3.7");
        ConnectEndpoint again = new("app", new SandboxTarget.Known("web"));
        Assert.Equal("connect web to app: it is on that network already", _world.Refused(FailureReason.AlreadyExists, again).Message);
    }

    [Fact]
    public void A_taken_interface_name_is_refused()
    {
        _world.HasEndpoint("app", "web", "10.201.3.7");
        ConnectEndpoint again = new("back", new SandboxTarget.Known("web")) { SandboxLink = InterfaceName.Parse("eth0", "ifname"), Addresses = [World.Ip("10.201.4.2")] };
        Assert.Equal(
            "connect web to back: interface name eth0 is taken in the sandbox; choose another with --ifname",
            _world.Refused(FailureReason.AlreadyExists, again).Message);
    }

    [Theory]
    [InlineData("127.0.0.1:8080:81")]
    [InlineData("8080:80")]
    public void A_taken_port_is_refused_with_who_has_it(string port)
    {
        _world.HasEndpoint("app", "web", "10.201.3.7", connect => connect with { Ports = [PublishRequest.Parse("8080:80", "ports")] });
        ConnectEndpoint other = World.Connect("back", "api", "10.201.4.7", connect => connect with { Ports = [PublishRequest.Parse(port, "ports")] });
        string message = _world.Refused(FailureReason.AlreadyExists, other, _world.FreshNetns()).Message;
        Assert.EndsWith("is taken by web (0.0.0.0:8080->80/tcp); choose another host port", message, StringComparison.Ordinal);
        _world.HasEndpoint("back", "udp", "10.201.4.8", connect => connect with { Ports = [PublishRequest.Parse("8080:80/udp", "ports")] });
        _world.Done(new RemoveSandbox("web"));
        _world.Done(other, _world.FreshNetns());
    }

    [Fact]
    public void One_connect_can_not_publish_a_port_twice()
    {
        ConnectEndpoint twice = World.Connect("app", "web", "10.201.3.7", connect => connect with
        {
            Ports = [PublishRequest.Parse("8080:80", "ports"), PublishRequest.Parse("127.0.0.1:8080:81", "ports")],
        });
        Assert.Contains("take the same port of the host", _world.Refused(FailureReason.InvalidArgument, twice, _world.FreshNetns()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_network_takes_no_aliases()
    {
        ConnectEndpoint connect = World.Connect("bridge", "web", "10.201.0.7", connect => connect with { Aliases = [World.Dns("www")] });
        Assert.Equal("aliases", _world.Refused(FailureReason.InvalidArgument, connect, _world.FreshNetns()).Subject);
    }

    [Fact]
    public void Unknown_networks_and_sandboxes_are_not_found()
    {
        _world.Refused(FailureReason.NotFound, World.Connect("nope", "web", "10.201.3.7"), _world.FreshNetns());
        _world.Refused(FailureReason.NotFound, new ConnectEndpoint("app", new SandboxTarget.Known("nope")));
        _world.Refused(FailureReason.NotFound, new DisconnectEndpoint("app", "nope"));
        _world.Refused(FailureReason.NotFound, new RemoveSandbox("nope"));
        _world.HasEndpoint("app", "web", "10.201.3.7");
        Assert.Equal(
            "disconnect web from back: it is not on that network", _world.Refused(FailureReason.NotFound, new DisconnectEndpoint("back", "web")).Message);
    }

    [Fact]
    public void A_disconnect_takes_the_names_back_first_and_commits_last()
    {
        Endpoint endpoint = _world.HasEndpoint("app", "web", "10.201.3.7");
        Admitted admitted = _world.Admit(new DisconnectEndpoint("app", "web"));
        Assert.Equal(Durability.Memory, admitted.Edit.Durability);
        Assert.Equal(EndpointPhase.Pending, Assert.IsType<StoreOperation.PutEndpoint>(Assert.Single(admitted.Edit.Operations)).Endpoint.Phase);
        Assert.Equal([new StoreOperation.DeleteEndpoint(endpoint.Id), new StoreOperation.DeleteSandbox(endpoint.SandboxId)], admitted.Success.Operations);
        Assert.Equal(Durability.Now, admitted.Success.Durability);
        Assert.Equal([new StoreOperation.PutEndpoint(endpoint)], admitted.Failure.Operations);
    }

    [Fact]
    public void The_next_endpoint_takes_over_the_default_route()
    {
        WorldFacts netns = _world.FreshNetns();
        _world.Done(World.Connect("app", "web", "10.201.3.7"), netns);
        Endpoint second = _world.Done(World.Connect("back", "web", "10.201.4.7"), netns).Endpoint!;
        Admitted admitted = _world.Admit(new DisconnectEndpoint("app", "web"));
        Assert.Equal(second with { ProvidesDefaultRoute = true }, Assert.Single(Assert.IsType<KernelWork.Disconnect>(admitted.Work).Reelected).After);
        _world.Done(new DisconnectEndpoint("app", "web"));
        Assert.True(Assert.Single(_world.State.Endpoints).Value.ProvidesDefaultRoute);
        Assert.NotNull(_world.State.FindSandbox("web"));
    }

    [Fact]
    public void The_default_route_stays_where_it_is_when_another_endpoint_goes()
    {
        WorldFacts netns = _world.FreshNetns();
        _world.Done(World.Connect("app", "web", "10.201.3.7"), netns);
        _world.Done(World.Connect("back", "web", "10.201.4.7"), netns);
        Assert.Empty(Assert.IsType<KernelWork.Disconnect>(_world.Admit(new DisconnectEndpoint("back", "web")).Work).Reelected);
    }

    [Fact]
    public void The_default_route_follows_priority_and_never_goes_through_an_internal_network()
    {
        _world.Done(World.Create("inner", "10.9.0.0/24") with { Policy = Core.Networks.TrafficPolicy.Default with { IsInternal = true } });
        WorldFacts netns = _world.FreshNetns();
        Endpoint inner = _world.Done(World.Connect("inner", "web", "10.9.0.7", connect => connect with { GatewayPriority = 9 }), netns).Endpoint!;
        Assert.False(inner.ProvidesDefaultRoute);
        Endpoint first = _world.Done(World.Connect("app", "web", "10.201.3.7"), netns).Endpoint!;
        Assert.True(first.ProvidesDefaultRoute);
        ConnectEndpoint higher = World.Connect("back", "web", "10.201.4.7", connect => connect with { GatewayPriority = 1 });
        Admitted admitted = _world.Admit(higher, netns);
        Assert.Equal(first with { ProvidesDefaultRoute = false }, Assert.Single(Assert.IsType<KernelWork.Connect>(admitted.Work).Reelected).After);
        Endpoint second = _world.Done(higher, netns).Endpoint!;
        Assert.Equal([second.Id], _world.State.Endpoints.Values.Where(endpoint => endpoint.ProvidesDefaultRoute).Select(endpoint => endpoint.Id));
        Assert.Equal(
            [inner.Id, second.Id, first.Id],
            GatewayOrder.Sort(_world.State.Endpoints.Values, id => _world.State.Networks[id]).Select(endpoint => endpoint.Id));
        _world.Done(new DisconnectEndpoint("back", "web"));
        Assert.True(_world.State.Endpoints[first.Id].ProvidesDefaultRoute);
    }

    [Fact]
    public void A_connect_that_the_kernel_refuses_leaves_the_default_route_with_who_had_it()
    {
        WorldFacts netns = _world.FreshNetns();
        Endpoint first = _world.Done(World.Connect("app", "web", "10.201.3.7"), netns).Endpoint!;
        _world.RefusedByKernel(World.Connect("back", "web", "10.201.4.7", connect => connect with { GatewayPriority = 1 }), netns);
        Assert.Equal(first, Assert.Single(_world.State.Endpoints).Value);
    }

    [Fact]
    public void Each_family_elects_its_own_gateway()
    {
        _world.Done(World.Create("six", "fd00:6::/64") with { HasIPv4 = false });
        WorldFacts netns = _world.FreshNetns();
        Endpoint four = _world.Done(World.Connect("app", "web", "10.201.3.7"), netns).Endpoint!;
        Endpoint six = _world.Done(World.Connect("six", "web", "fd00:6::7"), netns).Endpoint!;
        Assert.True(four.ProvidesDefaultRoute && !four.ProvidesIPv6DefaultRoute);
        Assert.True(six.ProvidesIPv6DefaultRoute && !six.ProvidesDefaultRoute);
    }

    [Fact]
    public void An_address_of_a_family_that_the_network_does_not_have_is_refused()
    {
        RefusedException refused = _world.Refused(FailureReason.InvalidArgument, World.Connect("app", "web", "fd00::7"), _world.FreshNetns());
        Assert.Equal("connect web to app: ip fd00::7: network app has no IPv6 subnet; choose an address of its own", refused.Message);
    }

    [Fact]
    public void A_sandbox_of_ours_outlives_its_last_endpoint()
    {
        _world.Done(new CreateSandbox(World.Name("web"), null, null), _world.FreshNetns());
        Assert.Equal("/run/netns/web", _world.State.FindSandbox("web")!.NetnsPath);
        _world.Done(new ConnectEndpoint("app", new SandboxTarget.Known("web")) { Addresses = [World.Ip("10.201.3.7")] });
        _world.Done(new DisconnectEndpoint("app", "web"));
        Assert.NotNull(_world.State.FindSandbox("web"));
        _world.Done(new RemoveSandbox("web"));
        Assert.Null(_world.State.FindSandbox("web"));
    }
}
