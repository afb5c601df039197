// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests;

/// <summary>From some published ports to others.</summary>
public sealed class PublishPlannerTests
{
    private static readonly Network App = TestHost.NewNetwork("app", "172.30.0.0/24", 1);

    [Fact]
    public void What_stays_is_left_alone_and_all_else_is_one_transaction_with_its_inverse()
    {
        DesiredEndpoint before = With("0.0.0.0:8080:80", "0.0.0.0:8443:443");
        Endpoint after = With("0.0.0.0:8443:443", "0.0.0.0:9090:90", "0.0.0.0:9091:91").Endpoint;
        KernelStep[] plan = [.. PublishPlanner.Plan(before, after, before.Endpoint.Ports)];
        Assert.Equal([typeof(KernelStep.ReservePorts), typeof(KernelStep.ChangeElements), typeof(KernelStep.ReleasePorts)], plan.Select(step => step.GetType()));
        KernelStep.ChangeElements change = Assert.IsType<KernelStep.ChangeElements>(plan[1]);
        Assert.Equal(["element inet resolver published4 { tcp . 8080 : 172.30.0.2 . 80 }"], change.Gone.Select(element => element.ToString()));
        Assert.Equal(["tcp . 9090 : 172.30.0.2 . 90", "tcp . 9091 : 172.30.0.2 . 91"], change.Wanted.Select(element => element.Text));
        Assert.Equal(new KernelStep.ChangeElements(change.Wanted, change.Gone), change.Inverse);
    }

    [Fact]
    public void Flows_are_forgotten_of_the_udp_ports_that_change_and_of_no_others()
    {
        DesiredEndpoint before = With("0.0.0.0:53:53/udp", "0.0.0.0:54:54/udp");
        KernelStep.ForgetFlows forget = Assert.Single(PublishPlanner.Plan(before, With("0.0.0.0:53:53/udp").Endpoint, []).OfType<KernelStep.ForgetFlows>());
        Assert.Equal("0.0.0.0:54->54/udp", Assert.Single(forget.Endpoint.Ports).ToString());
        Assert.Empty(forget.Endpoint.Addresses);
        Assert.Empty(PublishPlanner.Plan(before, before.Endpoint, []));
    }

    [Theory]
    [InlineData("[::]:80:80", "172.30.0.2")]
    [InlineData("[::1]:80:80", "172.30.0.2")]
    [InlineData("0.0.0.0:80:80", null)]
    [InlineData("127.0.0.1:80:80", null)]
    public void An_endpoint_without_IPv6_is_relayed_to_at_the_hosts_IPv6_addresses(string port, string? target)
    {
        Endpoint endpoint = With(port).Endpoint;
        Assert.Equal(target, endpoint.RelayTarget(Assert.Single(endpoint.Ports))?.ToString());
    }

    private static DesiredEndpoint With(params string[] ports) => TestHost.NewEndpoint(App, "web", "172.30.0.2", 2, ports);
}
