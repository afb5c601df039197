// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;

namespace Resolver.Store.Tests.Sqlite;

/// <summary>Objects with every field set to something that is not its default.</summary>
internal static class Samples
{
    internal static ObjectId Id(byte seed) => ObjectId.FromBytes(Enumerable.Repeat(seed, ObjectId.LengthBytes).ToArray());

    internal static Network Network { get; } = new()
    {
        Id = Id(1),
        Name = ObjectName.Parse("App", "name"),
        Subnets = [new NetworkSubnet(Subnet.Parse("172.30.0.0/24", "subnet"), IPAddress.Parse("172.30.0.1")), new NetworkSubnet(Subnet.Parse("fd00::/64", "subnet"), IPAddress.Parse("fd00::1"))],
        Bridge = InterfaceName.Parse("br-010101010101", "bridge"),
        Mtu = 1400,
        Upstreams = [Upstream.Parse("10.0.0.53:5353@host", "dns"), Upstream.Parse("corp.example=tls://[fd00::53]:8853#dns.example", "dns")],
        Search = [DnsName.Parse("corp.example", "search")],
        AddressAnnouncements = 0,
        AddressAnnouncementInterval = TimeSpan.FromMilliseconds(100),
        Labels = ImmutableSortedDictionary<string, string>.Empty.Add("owner", "a \"quoted\" ü"),
        CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1234567),
    };

    internal static Sandbox Sandbox { get; } = new()
    {
        Id = Id(2),
        Name = ObjectName.Parse("web", "name"),
        NetnsPath = "/run/netns/web",
        Netns = new NetnsIdentity(4, ulong.MaxValue),
        OwnsNetns = true,
        Process = new ProcessIdentity(1234, 987654321),
        Hostname = DnsName.Parse("Web-1", "hostname"),
        Upstreams = [Upstream.Parse("9.9.9.9", "dns")],
    };

    internal static Endpoint Endpoint { get; } = new()
    {
        Id = Id(3),
        NetworkId = Network.Id,
        SandboxId = Sandbox.Id,
        HostLink = InterfaceName.Parse("ve030303030303", "link"),
        SandboxLink = InterfaceName.Parse("eth7", "link"),
        Mac = MacAddress.Parse("02:42:ac:11:00:02", "mac"),
        Addresses = [IPAddress.Parse("172.30.0.7"), IPAddress.Parse("fd00::7")],
        ProvidesDefaultRoute = true,
        Aliases = [DnsName.Parse("www", "alias")],
        Ports = [new PublishedPort(IPAddress.Loopback, 8080, 80, TransportProtocol.Tcp), new PublishedPort(IPAddress.Any, 53, 5353, TransportProtocol.Udp)],
        Mtu = 1300,
        Links = [EndpointLink.Parse("db:database", "links")],
        Sysctls = [LinkSysctl.Parse("net.ipv4.conf.IFNAME.log_martians=1", "sysctls")],
        Routes = [new StaticRoute(Subnet.Parse("10.8.0.0/16", "routes"), IPAddress.Parse("172.30.0.9"))],
        Phase = EndpointPhase.Settled,
        CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero),
    };

    internal static Registration Registration { get; } = new()
    {
        NetworkId = Network.Id,
        Name = DnsName.Parse("Cache", "name"),
        Aliases = [DnsName.Parse("redis", "alias")],
        Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")],
    };

    internal static ImmutableArray<StoreOperation> PutAll { get; } =
    [
        new StoreOperation.PutNetwork(Network),
        new StoreOperation.PutSandbox(Sandbox),
        new StoreOperation.PutEndpoint(Endpoint),
        new StoreOperation.PutRegistration(Registration),
    ];

    /// <summary>Every property by name with its value, so that two objects can be compared field by field.</summary>
    internal static string Describe(object value) =>
        string.Join('\n', value.GetType().GetProperties().Select(property => $"{property.Name}: {Print(property.GetValue(value))}"));

    private static string Print(object? value) => value switch
    {
        null => "null",
        string text => text,
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable items => string.Join(", ", items.Cast<object>().Select(item => item.ToString())),
        _ => value.ToString()!,
    };
}
