// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Nftables.Batches;
using Resolver.Networking.Firewall;
using Xunit;

namespace Resolver.Networking.Tests;

/// <summary>What networks and endpoints have in the host's tables.</summary>
public sealed class ElementTests
{
    private static readonly Network App = TestHost.NewNetwork("app", "172.30.0.0/24", 1);

    [Theory]
    [InlineData("8080:80", "inet resolver published4 { tcp . 8080 : 172.30.0.2 . 80 }")]
    [InlineData("127.0.0.1:53:5353/udp", "inet resolver published4_at { 127.0.0.1 . udp . 53 : 172.30.0.2 . 5353 }")]
    [InlineData("8000-9999:8000-9999", "inet resolver tcp_ranges4 { 8000-9999 : 172.30.0.2 }")]
    [InlineData("192.0.2.1:8000-8001:8000-8001/udp", "inet resolver ranges4_at { 192.0.2.1 . udp . 8000-8001 : 172.30.0.2 }")]
    [InlineData("8000-8001:80-81", "inet resolver published4 { tcp . 8000 : 172.30.0.2 . 80, tcp . 8001 : 172.30.0.2 . 81 }")]
    [InlineData("8000-8001:8000-8001/sctp", "inet resolver published4 { sctp . 8000 : 172.30.0.2 . 8000, sctp . 8001 : 172.30.0.2 . 8001 }")]
    public void A_port_is_an_element_and_a_range_is_one_where_the_kernel_can(string port, string element) =>
        Assert.Contains($"add element {element}\n", Add(App, port), StringComparison.Ordinal);

    [Fact]
    public void A_routed_network_opens_the_endpoints_own_port()
    {
        Network routed = App with { Policy = TrafficPolicy.Default with { IPv4Mode = GatewayMode.Routed } };
        Assert.Contains("add element inet resolver open4 { 172.30.0.2 . tcp . 80 }\n", Add(routed, "8080:80"), StringComparison.Ordinal);
        Assert.DoesNotContain("published", Add(routed, "8080:80"), StringComparison.Ordinal);
        Assert.Contains("routed4", Add(NetworkElements.Of(routed)), StringComparison.Ordinal);
        Assert.DoesNotContain("subnets4", Add(NetworkElements.Of(routed)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_owns_its_addresses_unless_its_network_lets_it_have_others()
    {
        Assert.Contains("bridge resolver own4 { \"ve000000020000\" . 02:00:00:00:00:02 . 172.30.0.2 }", Add(App), StringComparison.Ordinal);
        Assert.Empty(Add(App with { Policy = TrafficPolicy.Default with { AllowsSpoofing = true } }));
        Assert.NotEqual(LinkGroups.OfPorts(App), LinkGroups.OfPorts(App with { Policy = TrafficPolicy.Default with { AllowsSpoofing = true } }));
    }

    [Fact]
    public void An_internal_network_publishes_nothing_and_leaves_with_no_address()
    {
        Network inner = App with { Policy = TrafficPolicy.Default with { IsInternal = true } };
        Assert.DoesNotContain("published", Add(inner, "8080:80"), StringComparison.Ordinal);
        Assert.DoesNotContain("subnets4", Add(NetworkElements.Of(inner)), StringComparison.Ordinal);
        Assert.Contains("add element inet resolver internal", Add(NetworkElements.Of(inner)), StringComparison.Ordinal);
    }

    private static string Add(IEnumerable<SetElement> elements) => ElementText.Add(elements);

    private static string Add(Network network, params string[] ports) => Add(EndpointElements.Of(Endpoint(network, ports), network));

    private static Endpoint Endpoint(Network network, params string[] ports) => TestHost.NewEndpoint(network, "web", "172.30.0.2", 2, ports).Endpoint;
}
