// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>What is kept, for whom and how long (RFC 2181 §5, RFC 2308 §5 and §7, RFC 8767 §4 and §5, RFC 9520 §3).</summary>
public sealed class CacheRulesTests : IAsyncDisposable
{
    private const int ServerFailure = 2;
    private const int NxDomain = 3;
    private const int Refused = 5;
    private const string Soa = "C010 0006 0001 0000003C 0016 00 00 00000001 00000002 00000003 00000004 0000001E"; // TTL 60, MINIMUM 30

    private readonly AskedForwarder _forwarder = new();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Fact]
    public async Task Records_grow_old_together_and_go_together()
    {
        await using FakeUpstream upstream = new(question =>
            [Hex.Reply(question, "0002 0000 0000", "C00C 0005 0001 0000012C 0006 03 'cdn' C010  C029 0001 0001 0000003C 0004 C0000201")]); // 300, 60
        byte[] question = ReplyBuilder.Question("www.example", optFlags: null);
        await _forwarder.AskAsync(question, upstream);

        _forwarder.Clock.Advance(TimeSpan.FromSeconds(20.7));
        DnsMessage aged = DnsMessage.Parse(await _forwarder.AskAsync(question, upstream));
        Assert.Equal([280, 40], aged.AnswerRecords.Select(record => record.TimeToLive));

        _forwarder.Clock.Advance(TimeSpan.FromSeconds(39.3));
        DnsMessage renewed = DnsMessage.Parse(await _forwarder.AskAsync(question, upstream));
        Assert.Equal([300, 60], renewed.AnswerRecords.Select(record => record.TimeToLive));
    }

    [Fact]
    public async Task Addresses_are_moved_round_behind_the_names_that_lead_to_them()
    {
        await using FakeUpstream upstream = new(question =>
            [Hex.Reply(question, "0003 0000 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010  C029 0001 0001 0000003C 0004 C0000201  C029 0001 0001 0000003C 0004 C0000202")]);
        byte[] question = ReplyBuilder.Question("www.example", optFlags: null);
        await _forwarder.AskAsync(question, upstream);

        _forwarder.Rotation = 1;
        DnsMessage reply = DnsMessage.Parse(await _forwarder.AskAsync(question, upstream));

        Assert.Equal("cdn.example.", Assert.IsType<CNameRecord>(reply.AnswerRecords[0]).CanonicalName.ToString());
        Assert.Equal(["192.0.2.2", "192.0.2.1"], reply.AnswerRecords.OfType<ARecord>().Select(record => record.Address.ToString()));
    }

    [Fact]
    public async Task A_negative_answer_is_kept_with_its_soa_which_grows_old()
    {
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, "0000 0001 0000", Soa, lowFlags: 0x80 | NxDomain)]);
        byte[] question = ReplyBuilder.Question("www.example", optFlags: null);
        await _forwarder.AskAsync(question, upstream);
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(10));

        DnsMessage kept = DnsMessage.Parse(await _forwarder.AskAsync(question, upstream));

        Assert.Equal(ReturnCode.NxDomain, kept.ReturnCode);
        Assert.Equal((50, 30), (Assert.IsType<SoaRecord>(Assert.Single(kept.AuthorityRecords)).TimeToLive, ((SoaRecord)kept.AuthorityRecords[0]).NegativeCachingTTL));
        Assert.Equal(1, upstream.Asked);
    }

    [Theory]
    [InlineData("0000 0000 0000", "", 2)] // NODATA without a word about how long
    [InlineData("0000 0001 0000", "C010 0002 0001 0000003C 0005 02 'ns' C010", 2)] // NS is no such word
    [InlineData("0001 0000 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010", 2)] // a chain that ends nowhere
    [InlineData("0000 0001 0000", Soa, 1)]
    public async Task No_data_is_kept_only_with_an_soa(string counts, string records, int asked)
    {
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, counts, records)]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal(asked, upstream.Asked);
    }

    [Fact]
    public async Task A_negative_answer_is_kept_for_an_hour_at_most()
    {
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 86400, [], NxDomain, soaMinimum: 86400)]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(3589));
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        Assert.Equal(1, upstream.Asked);

        _forwarder.Clock.Advance(TimeSpan.FromSeconds(11));
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task That_the_end_of_a_chain_does_not_exist_says_nothing_about_other_types_of_its_start()
    {
        // RFC 8020 §2: NXDOMAIN is about the last name of the chain.
        await using FakeUpstream upstream = new(question =>
            [Hex.Reply(question, "0001 0001 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010" + Soa, lowFlags: 0x80 | NxDomain)]);

        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", 1), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", 1), upstream);
        Assert.Equal(1, upstream.Asked);

        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", 16), upstream);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task What_comes_along_with_an_answer_answers_no_other_question()
    {
        // RFC 2181 §5.4.1.
        await using FakeUpstream upstream = new(question => [Hex.Reply(
            question, "0001 0001 0001",
            "C00C 0001 0001 0000003C 0004 C0000201  C010 0002 0001 0000003C 0005 02 'ns' C010  C039 0001 0001 0000003C 0004 C0000242")]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("ns.example"), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("example", 2), upstream);

        Assert.Equal(3, upstream.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_is_kept_for_two_seconds_for_those_who_ask_alike(bool checkingDisabled)
    {
        // RFC 2308 §7.1, RFC 6840 §5.9: with CD a bogus answer would have come.
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, null, ServerFailure)]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", checkingDisabled: checkingDisabled), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", checkingDisabled: checkingDisabled), upstream);
        Assert.Equal(1, upstream.Asked);

        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", checkingDisabled: !checkingDisabled), upstream);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", 28, checkingDisabled: checkingDisabled), upstream);
        Assert.Equal(3, upstream.Asked);

        _forwarder.Clock.Advance(TimeSpan.FromSeconds(2));
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", checkingDisabled: checkingDisabled), upstream);
        Assert.Equal(4, upstream.Asked);
    }

    [Fact]
    public async Task That_nobody_answers_is_kept_as_long_as_any_failure()
    {
        // RFC 9520 §3.2.
        await using FakeUpstream dead = FakeUpstream.Dead();
        (_, TimeSpan waited) = await _forwarder.AskWhileTimePassesAsync(ReplyBuilder.Question("www.example"), dead);
        Assert.InRange(waited.TotalSeconds, 3.4, 3.8); // less than the five seconds of glibc and musl
        int asked = dead.Asked;

        Assert.Equal(ServerFailure, AskedForwarder.Rcode(await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), dead)));
        Assert.Equal(asked, dead.Asked);

        _forwarder.Clock.Advance(TimeSpan.FromSeconds(2));
        await _forwarder.AskWhileTimePassesAsync(ReplyBuilder.Question("www.example"), dead);
        Assert.True(dead.Asked > asked);
    }

    [Fact]
    public async Task An_old_answer_is_given_when_upstreams_are_silent_for_1_8_seconds()
    {
        // RFC 8767 §5.
        bool isSilent = false;
        await using FakeUpstream upstream = new(question => isSilent ? [] : [ReplyBuilder.Reply(question, 60, ["192.0.2.1"])]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        isSilent = true;
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(61));

        (byte[] reply, TimeSpan waited) = await _forwarder.AskWhileTimePassesAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal((0, 1, 30u), (AskedForwarder.Rcode(reply), (int)reply[7], ReplyBuilder.Ttls(reply)[0]));
        Assert.Equal(0, reply[2] & 4); // AA
        Assert.InRange(waited.TotalSeconds, 1.8, 2.2);
    }

    [Fact]
    public async Task Who_wants_no_recursion_gets_nothing_old()
    {
        bool fails = false;
        await using FakeUpstream upstream = new(question => [ReplyBuilder.Reply(question, 60, fails ? [] : ["192.0.2.1"], fails ? 2 : 0)]);
        byte[] question = ReplyBuilder.Question("www.example");
        question[2] = 0;
        Assert.Equal(0, AskedForwarder.Rcode(await _forwarder.AskAsync(question, upstream)));
        fails = true;
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(61));

        // Neither when upstreams fail now nor when they are known to have failed.
        Assert.Equal(ServerFailure, AskedForwarder.Rcode(await _forwarder.AskAsync(question, upstream)));
        Assert.Equal(ServerFailure, AskedForwarder.Rcode(await _forwarder.AskAsync(question, upstream)));
        Assert.Equal(0, AskedForwarder.Rcode(await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream)));
    }

    [Theory]
    [InlineData(0, 1)] // What is known again takes its place;
    [InlineData(NxDomain, 0)]
    [InlineData(Refused, 1)] // who refuses leaves it.
    public async Task An_answer_about_the_name_takes_the_place_of_an_old_one_and_no_other_does(int rcode, int answers)
    {
        bool isOld = false;
        await using FakeUpstream upstream = new(question =>
            [ReplyBuilder.Reply(question, 60, isOld && rcode != 0 ? [] : ["192.0.2.1"], isOld ? rcode : 0, isOld && rcode == NxDomain ? 60u : null)]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        isOld = true;
        _forwarder.Clock.Advance(TimeSpan.FromSeconds(61));

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal((rcode == NxDomain ? NxDomain : 0, answers), (AskedForwarder.Rcode(reply), (int)reply[7]));
        Assert.Equal(rcode == Refused ? 1 : 0, _forwarder.Counters.StaleAnswers);
    }

    [Fact]
    public async Task Other_upstreams_are_asked_at_once()
    {
        await using FakeUpstream before = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using FakeUpstream after = new(question => [FakeUpstream.Reply(question, "192.0.2.2")]);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), before);

        Assert.Equal(2, (await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), after))[^1]);
    }
}
