// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Store;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class PortAdmissionTests
{
    private readonly World _world = new();

    public PortAdmissionTests()
    {
        _world.HasNetwork("app", "10.201.3.0/24");
        _world.HasNetwork("back", "10.201.4.0/24");
        _world.HasEndpoint("app", "web", "10.201.3.2", connect => connect with { Ports = Ports("0.0.0.0:8080:80", "0.0.0.0:8443:443", "127.0.0.1:5300:53/udp") });
    }

    [Fact]
    public void A_publish_is_durable_before_the_kernel_and_undone_if_that_refuses()
    {
        Admitted admitted = _world.Admit(Publish("web", "0.0.0.0:9090:90"));
        Endpoint after = Assert.IsType<StoreOperation.PutEndpoint>(Assert.Single(admitted.Edit.Operations)).Endpoint;
        Assert.Equal(Durability.Now, admitted.Edit.Durability);
        Assert.Equal("0.0.0.0:8080->80/tcp 0.0.0.0:8443->443/tcp 127.0.0.1:5300->53/udp 0.0.0.0:9090->90/tcp", string.Join(' ', after.Ports));
        Assert.Equal(after, Assert.IsType<KernelWork.Republish>(admitted.Work).After);
        Assert.Equal(3, Assert.IsType<StoreOperation.PutEndpoint>(Assert.Single(admitted.Failure.Operations)).Endpoint.Ports.Length);
    }

    [Fact]
    public void An_unpublish_is_durable_only_when_the_kernel_has_done_it()
    {
        Admitted admitted = _world.Admit(Unpublish("web", "8080:80"));
        Assert.Empty(admitted.Edit.Operations);
        Assert.Equal(Durability.Now, admitted.Success.Durability);
        Assert.Equal(2, Assert.IsType<StoreOperation.PutEndpoint>(Assert.Single(admitted.Success.Operations)).Endpoint.Ports.Length);
    }

    [Theory]
    [InlineData("8080:80", "0.0.0.0:8443->443/tcp 127.0.0.1:5300->53/udp")]
    [InlineData("80", "0.0.0.0:8443->443/tcp 127.0.0.1:5300->53/udp")]
    [InlineData("8000-8999:80", "0.0.0.0:8443->443/tcp 127.0.0.1:5300->53/udp")]
    [InlineData("53/udp", "0.0.0.0:8080->80/tcp 0.0.0.0:8443->443/tcp")]
    [InlineData("80-443", "127.0.0.1:5300->53/udp")]
    public void What_was_published_by_a_value_is_taken_back_by_it_or_by_the_endpoints_port(string port, string left) =>
        Assert.Equal(left, string.Join(' ', _world.Done(Unpublish("web", port)).Endpoint!.Ports));

    [Theory]
    [InlineData("8081:80")]
    [InlineData("127.0.0.1:8080:80")]
    [InlineData("8080:80/udp")]
    [InlineData("54/udp")]
    public void What_is_not_published_is_refused_with_what_is_and_all_stays(string port)
    {
        RefusedException refused = _world.Refused(FailureReason.NotFound, Unpublish("web", "8443:443", port));
        Assert.Contains("0.0.0.0:8080->80/tcp", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_another_or_the_same_has_is_refused_with_who_has_it()
    {
        _world.HasEndpoint("app", "db", "10.201.3.3");
        Assert.Contains("taken by web", _world.Refused(FailureReason.AlreadyExists, Publish("db", "8080:1")).Message, StringComparison.Ordinal);
        Assert.Contains("taken by web", _world.Refused(FailureReason.AlreadyExists, Publish("web", "8080:1")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_network_the_one_that_the_default_route_leads_by_is_meant()
    {
        _world.Done(new ConnectEndpoint("back", new SandboxTarget.Known("web")) { GatewayPriority = 1 });
        Assert.Equal("back", _world.Done(new PublishPorts(null, "web", Ports("1:1"))).Network!.Name.Value);
        Assert.Equal("app", _world.Done(new UnpublishPorts("app", "web", Ports("80"))).Network!.Name.Value);
        _world.Refused(FailureReason.NotFound, new PublishPorts("nowhere", "web", Ports("1:1")));
    }

    private static PublishPorts Publish(string sandbox, params string[] ports) => new("app", sandbox, Ports(ports));

    private static UnpublishPorts Unpublish(string sandbox, params string[] ports) => new("app", sandbox, Ports(ports));

    private static ImmutableArray<PublishRequest> Ports(params string[] ports) => [.. ports.Select(port => PublishRequest.Parse(port, "ports"))];
}
