// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Answering;

public sealed class LinkedNameTests
{
    private readonly Zone _zone = AskedView.NewZone("app", "172.30.0.0/24");
    private readonly SandboxView _view;

    public LinkedNameTests()
    {
        _zone.Apply(new ZoneDelta([AskedView.Addresses("db", "172.30.0.2"), AskedView.Addresses("web", "172.30.0.3")], []));
        _view = new SandboxView([_zone], []) { Links = [Link("Database", "db"), Link("web", "db"), Link("later", "cache")] };
    }

    [Theory]
    [InlineData("database")]
    [InlineData("DATABASE.App")]
    [InlineData("web")] // An alias comes before another's name, for this sandbox alone.
    public void An_alias_has_the_addresses_of_its_peer(string name) => Assert.Equal("172.30.0.2", AddressOf(name));

    [Fact]
    public void Who_has_no_link_sees_none()
    {
        SandboxView other = new([_zone], []);
        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("database"), view: other).ReturnCode);
        Assert.Equal("172.30.0.3", AddressOf("web", other));
    }

    [Fact]
    public void An_alias_follows_its_peer()
    {
        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("later"), view: _view).ReturnCode);
        _zone.Apply(new ZoneDelta([AskedView.Addresses("cache", "172.30.0.7")], []));
        Assert.Equal("172.30.0.7", AddressOf("later"));
        _zone.Apply(new ZoneDelta([AskedView.Addresses("cache", "172.30.0.8")], []));
        Assert.Equal("172.30.0.8", AddressOf("later"));
        _zone.Apply(new ZoneDelta([AskedView.Addresses("cache")], []));
        DnsMessage gone = AskedView.Answer(ReplyBuilder.Question("later"), view: _view);
        Assert.Equal(ReturnCode.NxDomain, gone.ReturnCode);
        Assert.IsType<SoaRecord>(Assert.Single(gone.AuthorityRecords));
    }

    [Fact]
    public void An_alias_of_a_peer_who_is_gone_is_nobody_elses_name()
    {
        _zone.Apply(new ZoneDelta([AskedView.Addresses("db")], []));
        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("web"), view: _view).ReturnCode);
    }

    [Fact]
    public void What_a_peer_lacks_its_alias_lacks()
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question("database", 28), view: _view);
        Assert.Equal(ReturnCode.NoError, reply.ReturnCode);
        Assert.Empty(reply.AnswerRecords);
        Assert.Equal(ReturnCode.NxDomain, AskedView.Answer(ReplyBuilder.Question("_http._tcp.database"), view: _view).ReturnCode);
    }

    [Fact]
    public void A_zone_that_is_not_seen_is_seen_through_its_links_alone()
    {
        SandboxView onDefault = new([], []) { Links = [Link("database", "db")] };
        Assert.Equal("172.30.0.2", AddressOf("database", onDefault));
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question("db"), onDefault));
    }

    private LinkedName Link(string alias, string target) => new(DnsName.Parse(alias, "alias"), _zone, DnsName.Parse(target, "target"));

    private string AddressOf(string name, SandboxView? view = null) =>
        Assert.IsType<ARecord>(Assert.Single(AskedView.Answer(ReplyBuilder.Question(name), view: view ?? _view).AnswerRecords)).Address.ToString();
}
