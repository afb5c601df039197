// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf.WellKnownTypes;
using Resolver.Contract.V1;
using Resolver.Core.Failures;
using Resolver.Daemon.Mapping;
using Xunit;

namespace Resolver.Daemon.Tests.Mapping;

public sealed class RefusedFieldTests
{
    public static TheoryData<string, Action<CreateNetworkRequest>> BadNetworks => new()
    {
        { "name", request => request.Name = "" },
        { "name", request => request.Name = "a b" },
        { "name", request => request.Name = new string('a', 64) },
        { "subnet", request => request.Subnets.Add(new NetworkSubnet { Subnet = "172.30.0.5/24" }) },
        { "subnet", request => request.Subnets.Add(new NetworkSubnet { Subnet = "172.30.0.0" }) },
        { "ip_range", request => request.Subnets.Add(new NetworkSubnet { Subnet = "172.30.0.0/24", IpRange = "172.30.0.1/25" }) },
        { "gateway", request => request.Subnets.Add(new NetworkSubnet { Subnet = "172.30.0.0/24", Gateway = "172.30.0" }) },
        { "reserved", request => request.Subnets.Add(new NetworkSubnet { Subnet = "172.30.0.0/24", Reserved = { "172.30.0" } }) },
        { "gateway", request => request.Subnets.Add(new NetworkSubnet { Gateway = "172.30.0.1" }) },
        { "subnets", request => request.Subnets.Add(new NetworkSubnet()) },
        { "mtu", request => request.Mtu = 67 },
        { "mtu", request => request.Mtu = 65536 },
        { "address_announcements", request => request.AddressAnnouncements = 4 },
        { "address_announcement_interval", request => request.AddressAnnouncementInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(99)) },
        { "address_announcement_interval", request => request.AddressAnnouncementInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(2001)) },
        { "address_announcement_interval", request => request.AddressAnnouncementInterval = new Duration { Seconds = 1, Nanos = -1 } },
        { "upstreams", request => request.Upstreams.Add("dns.example") },
        { "upstreams", request => request.Upstreams.Add("9.9.9.9:0") },
        { "upstreams", request => request.Upstreams.Add("9.9.9.9:65536") },
        { "upstreams", request => request.Upstreams.Add("2001:db8::1:x") },
        { "upstreams", request => request.Upstreams.AddRange(Enumerable.Repeat("9.9.9.9", 17)) },
        { "search", request => request.Search.Add("a..b") },
        { "labels", request => request.Labels.Add("", "x") },
        { "labels", request => request.Labels.Add("x", new string('x', 1025)) },
        { "labels", request => request.Labels.Add(Enumerable.Range(0, 65).ToDictionary(number => $"{number}", _ => "")) },
    };

    public static TheoryData<string, Action<ConnectRequest>> BadConnects => new()
    {
        { "target", request => request.ClearTarget() },
        { "netns_path", request => request.NetnsPath = "web" },
        { "netns_path", request => request.NetnsPath = "/run/\0" },
        { "pid", request => request.Pid = 0 },
        { "pid", request => request.Pid = -1 },
        { "sandbox", request => request.Sandbox = "" },
        { "name", request => request.Name = "-x" },
        { "aliases", request => request.Aliases.Add("a b") },
        { "aliases", request => request.Aliases.AddRange(Enumerable.Repeat("a", 65)) },
        { "addresses", request => request.Addresses.Add("172.30.0.256") },
        { "addresses", request => request.Addresses.Add("10.1") },
        { "addresses", request => request.Addresses.AddRange(Enumerable.Repeat("172.30.0.2", 17)) },
        { "mac_address", request => request.MacAddress = "01:00:5e:00:00:01" },
        { "sandbox_link", request => request.SandboxLink = "sixteen-octets-x" },
        { "mtu", request => request.Mtu = 67 },
        { "mtu", request => request.Mtu = 65536 },
        { "links", request => request.Links.Add("a b") },
        { "links", request => request.Links.Add("db:") },
        { "links", request => request.Links.Add("db:a:b") },
        { "links", request => request.Links.AddRange(Enumerable.Repeat("db", 65)) },
        { "sysctls", request => request.Sysctls.Add("net.ipv4.conf.eth0.log_martians=1") },
        { "sysctls", request => request.Sysctls.AddRange(Enumerable.Repeat("net.ipv4.conf.IFNAME.log_martians=1", 65)) },
        { "routes", request => request.Routes.Add(new StaticRoute { Destination = "10.8.0.1/16", Gateway = "172.30.0.9" }) },
        { "routes", request => request.Routes.Add(new StaticRoute { Destination = "10.8.0.0/16", Gateway = "172.30" }) },
        { "routes", request => request.Routes.AddRange(Enumerable.Repeat(new StaticRoute { Destination = "10.8.0.0/16", Gateway = "172.30.0.9" }, 65)) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, EndpointPort = 0 }) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, HostPortEnd = 8079, EndpointPort = 80 }) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, HostPortEnd = 8082, EndpointPort = 80, EndpointPortEnd = 81 }) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, EndpointPort = 65536 }) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, EndpointPort = 80, HostAddress = "::g" }) },
        { "ports", request => request.Ports.Add(new PublishedPort { HostPort = 8080, EndpointPort = 80, Protocol = (TransportProtocol)9 }) },
    };

    public static TheoryData<string, Action<RegisterRequest>> BadRegistrations => new()
    {
        { "network", request => request.Network = "" },
        { "name", request => request.Name = "" },
        { "addresses", request => request.Addresses.Clear() },
        { "addresses", request => request.Addresses.Add("fe80::1%eth0") },
        { "addresses", request => request.Addresses.AddRange(Enumerable.Repeat("10.0.0.1", 1024)) },
        { "aliases", request => request.Aliases.Add(new string('a', 64)) },
    };

    public static TheoryData<string, Action<CreateSandboxRequest>> BadSandboxes => new()
    {
        { "name", request => request.Name = "a..b" },
        { "process_id", request => request.ProcessId = 0 },
        { "hostname", request => request.Hostname = "a b" },
        { "upstreams", request => request.Upstreams.Add("[9.9.9.9") },
    };

    [Theory]
    [MemberData(nameof(BadNetworks))]
    public void A_bad_field_of_a_network_is_named(string field, Action<CreateNetworkRequest> spoil)
    {
        CreateNetworkRequest request = new() { Name = "app" };
        spoil(request);
        AssertRefuses(field, () => NetworkRequests.ToChange(request));
    }

    [Theory]
    [MemberData(nameof(BadConnects))]
    public void A_bad_field_of_a_connect_is_named(string field, Action<ConnectRequest> spoil)
    {
        ConnectRequest request = new() { Network = "app", Sandbox = "web" };
        spoil(request);
        AssertRefuses(field, () => EndpointRequests.ToChange(request));
    }

    [Theory]
    [MemberData(nameof(BadRegistrations))]
    public void A_bad_field_of_a_registration_is_named(string field, Action<RegisterRequest> spoil)
    {
        RegisterRequest request = new() { Network = "app", Name = "cache", Addresses = { "10.0.0.5" } };
        spoil(request);
        AssertRefuses(field, () => RegistrationRequests.ToChange(request));
    }

    [Theory]
    [MemberData(nameof(BadSandboxes))]
    public void A_bad_field_of_a_sandbox_is_named(string field, Action<CreateSandboxRequest> spoil)
    {
        CreateSandboxRequest request = new();
        spoil(request);
        AssertRefuses(field, () => EndpointRequests.ToChange(request));
    }

    [Fact]
    public void A_missing_object_is_named()
    {
        AssertRefuses("network", () => NetworkRequests.ToChange(new RemoveNetworkRequest()));
        AssertRefuses("sandbox", () => EndpointRequests.ToChange(new RemoveSandboxRequest()));
        AssertRefuses("sandbox", () => EndpointRequests.ToChange(new DisconnectRequest { Network = "app" }));
        AssertRefuses("name", () => RegistrationRequests.ToChange(new DeregisterRequest { Network = "app" }));
    }

    private static void AssertRefuses(string field, Func<object> map)
    {
        RefusedException refusal = Assert.Throws<RefusedException>(map);
        Assert.Equal(FailureReason.InvalidArgument, refusal.Reason);
        Assert.Equal(field, refusal.Subject);
        Assert.Contains(field, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
