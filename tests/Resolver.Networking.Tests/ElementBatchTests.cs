// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Nftables.Batches;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;
using Xunit;

namespace Resolver.Networking.Tests;

/// <summary>Elements that are written to the kernel directly are what libnftables makes of their texts.</summary>
public sealed class ElementBatchTests : IDisposable
{
    private static readonly Network App = TestHost.NewNetwork("app", "172.30.0.0/24", 1);

    private readonly TestHost _host = new();
    private readonly HostKernel _kernel;

    public ElementBatchTests()
    {
        _kernel = _host.In(() => HostKernel.Open(NullLogger.Instance));
    }

    public static TheoryData<string> Cases { get; } = [.. ManyElements.Keys];

    private static Dictionary<string, ImmutableArray<SetElement>> ManyElements => new()
    {
        ["a network"] = NetworkElements.Of(App),
        ["kept apart"] = NetworkElements.Of(With(TrafficPolicy.Default with { AllowsPeers = false, TrustedLinks = [App.Bridge] })),
        ["internal"] = NetworkElements.Of(With(TrafficPolicy.Default with { IsInternal = true })),
        ["routed"] = NetworkElements.Of(With(TrafficPolicy.Default with { IPv4Mode = GatewayMode.Routed, IPv6Mode = GatewayMode.NatUnprotected })),
        ["another source"] = NetworkElements.Of(With(TrafficPolicy.Default with { SourceAddresses = [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")] })),
        ["up to the last address"] = NetworkElements.Of(TestHost.NewNetwork("last", "255.255.255.0/24", 3)),
        ["one port"] = EndpointOf(App, "0.0.0.0:8080:80", "127.0.0.1:53:5353/udp", "0.0.0.0:99:9/sctp"),
        ["ranges"] = EndpointOf(App, "0.0.0.0:8000-9999:8000-9999", "192.0.2.1:8000-8001:8000-8001/udp", "0.0.0.0:65000-65535:65000-65535/udp", "0.0.0.0:70-79:170-179"),
        ["routed ports"] = EndpointOf(With(TrafficPolicy.Default with { IPv4Mode = GatewayMode.Routed }), "0.0.0.0:80:80", "0.0.0.0:8000-8009:8000-8009"),
        ["more than one message takes"] = EndpointOf(App, [.. Enumerable.Range(10000, 3000).Select(port => $"0.0.0.0:{port}:80")]),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_written_reads_like_what_libnftables_writes_and_goes_without_a_trace(string name)
    {
        ImmutableArray<SetElement> elements = ManyElements[name];
        _kernel.Rebuild([]);
        string empty = _host.Run("nft", "list", "ruleset");
        _kernel.Rebuild(elements);
        string expected = _host.Run("nft", "list", "ruleset");
        Assert.NotEqual(empty, expected);
        _kernel.Rebuild([]);

        Assert.False(_kernel.HasElements(elements));
        _kernel.ChangeElements([], elements);
        Assert.Equal(expected, _host.Run("nft", "list", "ruleset"));
        Assert.True(_kernel.HasElements(elements));
        _kernel.ChangeElements([elements[^1]], []);
        Assert.False(_kernel.HasElements(elements));
        _kernel.ChangeElements([], elements); // What is there is no error.
        Assert.Equal(expected, _host.Run("nft", "list", "ruleset"));
        _kernel.ChangeElements(elements, []);
        Assert.Equal(empty, _host.Run("nft", "list", "ruleset"));
        _kernel.ChangeElements(elements, []); // What is gone is no error.
        Assert.Equal(empty, _host.Run("nft", "list", "ruleset"));
    }

    [Fact]
    public void An_element_that_is_there_with_another_value_is_refused_with_all_that_should_come_with_it()
    {
        _kernel.ChangeElements([], EndpointOf(App, "0.0.0.0:8080:80"));
        string before = _host.Run("nft", "list", "ruleset");
        KernelException refused = Assert.Throws<KernelException>(() => _kernel.ChangeElements([], EndpointOf(App, "0.0.0.0:7070:70", "0.0.0.0:8080:90")));
        Assert.Equal(Errno.EEXIST, refused.Errno);
        Assert.Equal(before, _host.Run("nft", "list", "ruleset"));
    }

    [Fact]
    public void Tables_that_somebody_deleted_are_made_again_by_the_next_change()
    {
        _kernel.ChangeElements([], NetworkElements.Of(App));
        _ = _host.Run("nft", "flush", "ruleset");
        _kernel.ChangeElements([], EndpointOf(App, "0.0.0.0:8080:80"));
        Assert.Contains("tcp . 8080", _host.Run("nft", "list", "ruleset"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _host.Dispose();
    }

    private static Network With(TrafficPolicy policy) => App with
    {
        Policy = policy,
        Subnets = [.. App.Subnets, new NetworkSubnet(Subnet.Parse("fd00:1::/64", "subnet"), IPAddress.Parse("fd00:1::1"))],
    };

    private static ImmutableArray<SetElement> EndpointOf(Network network, params string[] ports)
    {
        Endpoint endpoint = TestHost.NewEndpoint(network, "web", "172.30.0.2", 2, ports).Endpoint;
        return EndpointElements.Of(endpoint with { Addresses = [.. endpoint.Addresses, IPAddress.Parse("fd00:1::2")] }, network);
    }
}
