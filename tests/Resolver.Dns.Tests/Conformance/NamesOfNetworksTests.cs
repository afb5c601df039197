// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>What Docker's users know of names, and better where Docker forwards what only it could answer.</summary>
public sealed class NamesOfNetworksTests
{
    // a.b on network n.x, a on network b.n.x; and h.example.com, as a container may be called.
    private static readonly SandboxView Dotted = new([NewZone("n.x", ("a.b", "172.30.1.1"), ("h.example.com", "172.30.1.2")), NewZone("b.n.x", ("a", "172.30.2.1"))], []);

    [Theory]
    [InlineData("a.b", "172.30.1.1")]
    [InlineData("A.B.n.X", "172.30.1.1")] // The first network that can, though a.b.n.x is also a on b.n.x.
    [InlineData("a", "172.30.2.1")]
    [InlineData("h.example.com", "172.30.1.2")]
    [InlineData("h.example.com.n.x", "172.30.1.2")]
    public void A_name_with_dots_is_looked_up_as_it_is_and_then_split_from_the_right(string name, string address) =>
        Assert.Equal(address, Assert.IsType<ARecord>(Assert.Single(AskedView.Answer(ReplyBuilder.Question(name), view: Dotted).AnswerRecords)).Address.ToString());

    [Theory]
    [InlineData("a.b.n")]
    [InlineData("b.n")]
    [InlineData("example.com")]
    [InlineData("h.example.com.b.n.x")] // It is on the other network.
    [InlineData("xh.example.com")]
    public void What_is_left_is_asked_of_upstreams(string name) =>
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question(name), Dotted));

    [Theory]
    [InlineData(2)] // NS
    [InlineData(5)] // CNAME
    [InlineData(15)] // MX
    [InlineData(16)] // TXT
    [InlineData(33)] // SRV
    [InlineData(35)] // NAPTR
    [InlineData(43)] // DS
    [InlineData(48)] // DNSKEY
    [InlineData(64)] // SVCB
    [InlineData(65)] // HTTPS
    [InlineData(257)] // CAA
    [InlineData(1000)]
    public void No_type_of_a_peers_name_leaves_the_host(ushort type)
    {
        foreach (string name in (string[])["db", "db.app", "pool"])
        {
            DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name, type));

            Assert.Equal((ReturnCode.NoError, 0), (reply.ReturnCode, reply.AnswerRecords.Count));
            Assert.IsType<SoaRecord>(Assert.Single(reply.AuthorityRecords));
        }
    }

    [Theory]
    [InlineData("_http._tcp.db", 33)]
    [InlineData("_grpclb._tcp.db.app", 33)] // what gRPC asks for first,
    [InlineData("_grpc_config.db", 16)] // and then
    [InlineData("_443._tcp.DB", 52)] // TLSA
    public void Services_of_a_peer_are_known_to_nobody_else(string name, ushort type)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name, type));

        Assert.Equal(ReturnCode.NxDomain, reply.ReturnCode);
        Assert.IsType<SoaRecord>(Assert.Single(reply.AuthorityRecords));
    }

    [Theory]
    [InlineData("_http._tcp.example.org", 33)]
    [InlineData("_http.www.db", 33)] // Below www.db, which nobody has here.
    [InlineData("sub.db", 1)] // db may be a top-level domain, too.
    [InlineData("_dns-sd._udp", 12)]
    public void Services_of_others_are_asked_of_upstreams(string name, ushort type) =>
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question(name, type)));

    [Fact]
    public void A_name_on_two_networks_is_always_that_of_the_first()
    {
        Zone one = NewZone("one", ("x", "172.30.1.9"));
        Zone two = NewZone("two", ("x", "172.30.2.9"));
        for (uint rotation = 0; rotation < 8; rotation++)
        {
            Assert.Equal("172.30.1.9", Address("x", rotation, one, two));
            Assert.Equal("172.30.2.9", Address("x", rotation, two, one));
            Assert.Equal("172.30.2.9", Address("x.two", rotation, one, two));
        }
    }

    [Fact]
    public void An_alias_is_there_for_its_own_network_alone()
    {
        SandboxView other = new([NewZone("other", ("y", "172.30.2.9"))], []);

        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("db"), view: other).ReturnCode);
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question("db.app"), other));
    }

    [Fact]
    public void Both_families_of_a_name_change_at_once()
    {
        Zone zone = NewZone("app", ("moving", "172.30.0.1"));
        SandboxView view = new([zone], []);
        zone.Apply(new ZoneDelta([AskedView.Addresses("moving", "172.30.0.2", "fd00::2")], []));

        Assert.Equal("172.30.0.2", Assert.IsType<ARecord>(Assert.Single(AskedView.Answer(ReplyBuilder.Question("moving"), view: view).AnswerRecords)).Address.ToString());
        Assert.Equal("fd00::2", Assert.IsType<AaaaRecord>(Assert.Single(AskedView.Answer(ReplyBuilder.Question("moving", 28), view: view).AnswerRecords)).Address.ToString());

        zone.Apply(new ZoneDelta([AskedView.Addresses("moving")], []));
        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("moving", 28), view: view).ReturnCode);
    }

    private static Zone NewZone(string origin, params (string Name, string Address)[] names)
    {
        Zone zone = AskedView.NewZone(origin);
        zone.Apply(new ZoneDelta([.. names.Select(name => AskedView.Addresses(name.Name, name.Address))], []));
        return zone;
    }

    private static string Address(string name, uint rotation, params Zone[] zones) =>
        Assert.IsType<ARecord>(Assert.Single(AskedView.Answer(ReplyBuilder.Question(name), rotation: rotation, view: new SandboxView([.. zones], [])).AnswerRecords))
            .Address.ToString();
}
