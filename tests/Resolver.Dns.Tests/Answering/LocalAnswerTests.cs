// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Answering;

/// <summary>What a sandbox is answered, read by a library that is not ours.</summary>
public sealed class LocalAnswerTests
{
    private const ushort A = 1;
    private const ushort Soa = 6;
    private const ushort Ptr = 12;
    private const ushort Aaaa = 28;
    private const ushort Any = 255;

    [Theory]
    [InlineData("db", "172.30.0.2")]
    [InlineData("DB", "172.30.0.2")] // RFC 4343 §3
    [InlineData("db.app", "172.30.0.2")]
    [InlineData("db.App", "172.30.0.2")]
    [InlineData("db.back", "172.31.0.2")] // The second network, by its own name.
    [InlineData("app", "172.31.0.3")] // A registered name comes before a network's own.
    [InlineData("gateway.app", "172.30.0.1")]
    [InlineData("host.docker.internal", "172.30.0.1")]
    [InlineData("host.containers.internal", "172.30.0.1")]
    [InlineData("localhost", "127.0.0.1")] // RFC 6761 §6.3
    [InlineData("some.LOCALHOST", "127.0.0.1")]
    public void A_name_has_its_address(string name, string address)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name));

        Assert.Equal(ReturnCode.NoError, reply.ReturnCode);
        Assert.True(reply.IsAuthoritiveAnswer && reply.IsRecursionAllowed && reply.IsRecursionDesired && !reply.IsTruncated);
        Assert.Equal(address, Assert.IsType<ARecord>(Assert.Single(reply.AnswerRecords)).Address.ToString());
    }

    [Theory]
    [InlineData("web", Aaaa)]
    [InlineData("six", A)]
    [InlineData("db", 16)]
    [InlineData("db", 65)] // HTTPS, which browsers ask for
    [InlineData("db.app", 33)]
    [InlineData("db", 43)] // DS
    [InlineData("db", 0)] // RFC 6895: no type is an error
    [InlineData("db", 65535)]
    [InlineData("host.docker.internal", Aaaa)]
    [InlineData("localhost", 16)]
    public void What_a_name_does_not_have_is_no_data_with_soa(string name, ushort type)
    {
        // RFC 2308 §2.2.1: an SOA and no NS, so that it can be kept.
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name, type));

        Assert.Equal(ReturnCode.NoError, reply.ReturnCode);
        Assert.Empty(reply.AnswerRecords);
        SoaRecord soa = Assert.IsType<SoaRecord>(Assert.Single(reply.AuthorityRecords));
        Assert.Equal(soa.TimeToLive, soa.NegativeCachingTTL);
        Assert.True(reply.IsAuthoritiveAnswer);
    }

    [Theory]
    [InlineData("nobody", A)]
    [InlineData("nobody", Aaaa)]
    [InlineData("nobody", Any)]
    [InlineData("back", 65, ReturnCode.NoError)] // The network's own name exists (RFC 8020 §2).
    [InlineData("some.invalid", A)] // RFC 6761 §6.4
    [InlineData("some.onion", A)] // RFC 7686 §2
    [InlineData("name.alt", A)] // RFC 9476 §2
    [InlineData("_dns.resolver.arpa", 64, ReturnCode.NoError)] // RFC 9462 §6.4
    [InlineData("1.0.254.169.in-addr.arpa", Ptr)] // RFC 6303 §4: link-local
    [InlineData("1.0.0.0.in-addr.arpa", Ptr)]
    [InlineData("255.255.255.255.in-addr.arpa", Ptr)]
    [InlineData("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", Ptr)]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.e.f.ip6.arpa", Ptr)]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.f.b.e.f.ip6.arpa", Ptr)]
    [InlineData("back", 2, ReturnCode.NoError)] // No name server of a network: the network's own name has nothing.
    [InlineData("99.0.30.172.in-addr.arpa", Ptr)] // An address that nobody has.
    [InlineData("99.0.30.172.IN-ADDR.arpa", Ptr)]
    [InlineData("9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.0.0.d.f.ip6.ARPA", Ptr)]
    public void What_is_ours_and_not_there_does_not_exist(string name, ushort type, ReturnCode code = ReturnCode.NxDomain)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name, type));

        Assert.Equal(code, reply.ReturnCode);
        Assert.IsType<SoaRecord>(Assert.Single(reply.AuthorityRecords));
        Assert.True(reply.IsAuthoritiveAnswer);
    }

    [Theory]
    [InlineData("www.example.org", A)]
    [InlineData("nobody.app", A)] // app is a top-level domain, too.
    [InlineData("com", 2)]
    [InlineData("metadata.google.internal", A)]
    [InlineData("1.0.0.10.in-addr.arpa", Ptr)]
    [InlineData("1.0.0.10.in-addr.arpa.example", Ptr)]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.e.f.ip6.arpa", Ptr)] // fec0::/10 is not link-local
    [InlineData("arpa", 2)]
    [InlineData("256.0.30.172.in-addr.arpa", Ptr)]
    public void Other_names_are_forwarded(string name, ushort type) =>
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question(name, type)));

    [Fact]
    public void Single_labels_are_forwarded_where_a_network_allows_it_and_on_the_default_network()
    {
        Zone open = new(AskedView.App.Zones[1].Origin, [], TimeSpan.FromSeconds(5)) { ForwardsSingleLabels = true };
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question("nobody"), new SandboxView([open], [])));
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question("db"), new SandboxView([], [])));
    }

    [Theory]
    [InlineData("2.0.30.172.in-addr.arpa", "db.app.", "primary.app.")]
    [InlineData("2.0.30.172.In-Addr.Arpa", "db.app.", "primary.app.")]
    [InlineData("1.0.30.172.in-addr.arpa", "gateway.app.")]
    [InlineData("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.0.0.d.f.ip6.arpa", "db.app.")]
    [InlineData("11.0.0.127.in-addr.arpa", "localhost.")]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "localhost.")]
    public void An_address_has_its_names(string reverse, params string[] names)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(reverse, Ptr));

        Assert.Equal(names, reply.AnswerRecords.Select(record => Assert.IsType<PtrRecord>(record).PointerDomainName.ToString()));
        Assert.True(reply.IsAuthoritiveAnswer);
    }

    [Fact]
    public void Addresses_are_rotated_and_any_gets_one_rrset()
    {
        Assert.Equal(["172.30.0.5", "172.30.0.6", "172.30.0.4"], AddressesOf(AskedView.Answer(ReplyBuilder.Question("pool"), rotation: 1)));
        Assert.Equal(["172.30.0.2"], AddressesOf(AskedView.Answer(ReplyBuilder.Question("db", Any)))); // RFC 8482 §4
    }

    [Fact]
    public void A_big_answer_is_cut_for_a_datagram_and_whole_over_a_stream()
    {
        byte[] question = ReplyBuilder.Question("many", optFlags: null);
        byte[] cut = AskedView.Ask(question)!;
        Assert.InRange(cut.Length, 400, 512); // RFC 1035 §4.2.1, as full as can be (RFC 2181 §9)
        DnsMessage reply = DnsMessage.Parse(cut);
        Assert.True(reply.IsTruncated);
        Assert.Equal((512 - 22) / 16, reply.AnswerRecords.Count);

        DnsMessage whole = AskedView.Answer(question, isStream: true);
        Assert.False(whole.IsTruncated);
        Assert.Equal(300, whole.AnswerRecords.Count);
    }

    [Fact]
    public void The_question_is_repeated_as_it_was_asked()
    {
        byte[] question = ReplyBuilder.Question("Db", optFlags: null);
        byte[] reply = AskedView.Ask(question)!;
        Assert.Equal(question[12..], reply[12..question.Length]); // RFC 1035 §4.1.2
        Assert.Equal(question[..2], reply[..2]);
    }

    [Theory]
    [InlineData(A, AskedView.TtlSeconds)]
    [InlineData(Soa, AskedView.TtlSeconds)]
    public void The_ttl_is_the_networks(ushort type, int seconds)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question("db", type));
        Assert.Equal(seconds, Assert.Single(reply.AnswerRecords.Concat(reply.AuthorityRecords)).TimeToLive);
    }

    [Theory]
    [InlineData("db")]
    [InlineData("back")]
    [InlineData("2.0.30.172.in-addr.arpa")]
    public void The_soa_of_a_name_that_is_there_is_an_answer(string name)
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question(name, Soa));

        Assert.IsType<SoaRecord>(Assert.Single(reply.AnswerRecords));
        Assert.Empty(reply.AuthorityRecords);
        Assert.Empty(AskedView.Answer(ReplyBuilder.Question("99.0.30.172.in-addr.arpa", Soa)).AnswerRecords);
    }

    [Fact]
    public void A_registered_name_comes_before_those_that_nobody_has()
    {
        Zone zone = AskedView.NewZone("back");
        zone.Apply(new ZoneDelta([AskedView.Addresses("onion", "172.31.0.9")], []));

        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question("onion"), view: new SandboxView([zone], []));

        Assert.Equal(["172.31.0.9"], AddressesOf(reply));
    }

    private static IEnumerable<string> AddressesOf(DnsMessage reply) =>
        reply.AnswerRecords.Select(record => Assert.IsType<ARecord>(record).Address.ToString());
}
