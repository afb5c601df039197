// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using ARSoft.Tools.Net.Dns;
using Resolver.Core.Addressing;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Answering;

/// <summary>A sandbox on networks app and back, asked octet by octet; an independent reader reads what comes.</summary>
internal static class AskedView
{
    internal const uint TtlSeconds = 5;

    internal static SandboxView App { get; } = new([AppZone(), BackZone()], []) { HostAddresses = [IPAddress.Parse("172.30.0.1")] };

    /// <summary>The raw reply; null if there is none, or the question would be forwarded.</summary>
    internal static byte[]? Ask(byte[] message, bool isStream = false, uint rotation = 0, SandboxView? view = null)
    {
        byte[] reply = new byte[isStream ? ushort.MaxValue : 4096];
        return Answerer.Answer(view ?? App, message, reply, isStream, rotation, out int length) == AnswerVerdict.Reply ? reply[..length] : null;
    }

    /// <summary>The reply to a question that is answered here.</summary>
    internal static DnsMessage Answer(byte[] message, bool isStream = false, uint rotation = 0, SandboxView? view = null)
    {
        byte[]? reply = Ask(message, isStream, rotation, view);
        Assert.NotNull(reply);
        return DnsMessage.Parse(reply);
    }

    internal static AnswerVerdict Verdict(byte[] message, SandboxView? view = null) =>
        Answerer.Answer(view ?? App, message, new byte[4096], isStream: false, 0, out _);

    internal static Zone NewZone(string origin, params string[] subnets) =>
        new(DnsName.Parse(origin, "origin"), [.. subnets.Select(text => Subnet.Parse(text, "subnet"))], TimeSpan.FromSeconds(TtlSeconds));

    internal static NameAddresses Addresses(string name, params string[] addresses) =>
        new(DnsName.Parse(name, "name"), [.. addresses.Select(IPAddress.Parse)]);

    private static Zone AppZone()
    {
        Zone zone = new(DnsName.Parse("app", "origin"), [Subnet.Parse("172.30.0.0/24", "s"), Subnet.Parse("fd00:30::/64", "s")], TimeSpan.FromSeconds(TtlSeconds))
        {
            Gateways = [IPAddress.Parse("172.30.0.1")],
        };
        zone.Apply(new ZoneDelta(
            [
                Addresses("db", "172.30.0.2", "fd00:30::2"),
                Addresses("web", "172.30.0.3"),
                Addresses("six", "fd00:30::6"),
                Addresses("pool", "172.30.0.4", "172.30.0.5", "172.30.0.6"),
                new(DnsName.Parse("many", "name"), [.. Enumerable.Range(0, 300).Select(i => new IPAddress([10, 0, (byte)(i / 256), (byte)i]))]),
            ],
            [
                new(IPAddress.Parse("172.30.0.2"), [DnsName.Parse("db", "name"), DnsName.Parse("primary", "name")]),
                new(IPAddress.Parse("fd00:30::2"), [DnsName.Parse("db", "name")]),
            ]));
        return zone;
    }

    private static Zone BackZone()
    {
        Zone zone = NewZone("back", "172.31.0.0/24");
        zone.Apply(new ZoneDelta([Addresses("db", "172.31.0.2"), Addresses("app", "172.31.0.3")], ImmutableArray<AddressPointers>.Empty));
        return zone;
    }
}
