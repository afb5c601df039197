// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Names;
using Resolver.Dns.Zones;

namespace Resolver.Fuzzing.Targets;

/// <summary>What the asking sandbox sees.</summary>
internal static class FuzzedViews
{
    /// <summary>Two networks with both address families, names with dots, reverse names, gateways and a name with more addresses than fit.</summary>
    internal static SandboxView Networks { get; } = new([App(), Back()], []) { HostAddresses = [IPAddress.Parse("172.30.0.1")] };

    /// <summary>A sandbox of the default network alone.</summary>
    internal static SandboxView None { get; } = new([], []);

    private static Zone App()
    {
        Zone zone = new(Name("app"), [Subnet.Parse("172.30.0.0/24", "s"), Subnet.Parse("fd00:30::/64", "s")], TimeSpan.FromSeconds(5))
        {
            Gateways = [IPAddress.Parse("172.30.0.1"), IPAddress.Parse("fd00:30::1")],
        };
        zone.Apply(new ZoneDelta(
            [
                Addresses("db", "172.30.0.2", "fd00:30::2"),
                Addresses("web.front", "172.30.0.3"),
                Addresses("pool", "172.30.0.4", "172.30.0.5", "172.30.0.6"),
                new(Name("many"), [.. Enumerable.Range(0, 300).Select(i => new IPAddress([10, 0, (byte)(i / 256), (byte)i]))]),
            ],
            [
                new(IPAddress.Parse("172.30.0.2"), [Name("db"), Name("primary")]),
                new(IPAddress.Parse("fd00:30::2"), [Name("db")]),
            ]));
        return zone;
    }

    private static Zone Back()
    {
        Zone zone = new(Name("back.end"), [Subnet.Parse("172.31.0.0/16", "s")], TimeSpan.FromSeconds(5));
        zone.Apply(new ZoneDelta([Addresses("db", "172.31.0.2"), Addresses("app", "172.31.0.3")], []));
        return zone;
    }

    private static NameAddresses Addresses(string name, params string[] addresses) => new(Name(name), [.. addresses.Select(IPAddress.Parse)]);

    private static DnsName Name(string name) => DnsName.Parse(name, "name");
}
