// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>EDNS(0): OPT goes between two hops and no further (RFC 6891 §6.1, §6.2, §7).</summary>
public sealed class Rfc6891Tests : IAsyncDisposable
{
    private const string OurOpt = "00 0029 04D0 00 00 0000 0000"; // root, OPT, 1232, extended rcode 0, version 0, no flags, no options

    private readonly AskedForwarder _forwarder = new();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    public static TheoryData<string> Options =>
    [
        "FDE9 0001 00", // for local use
        "0064 0000", // unknown
        "0001 0002 0000", // LLQ
        "0003 0000", // NSID: RFC 5001
        "0005 0001 08", // DAU
        "0008 0007 0001 18 00 C00002", // client subnet: RFC 7871
        "0008 0004 0009 FFFF", // client subnet of a family that is none
        "0009 0000", // EXPIRE: RFC 7314
        "000A 0008 0102030405060708", // cookie: RFC 7873; to echo it bare would make c-ares drop the reply
        "000A 0003 010203", // cookie of no good length
        "000B 0000", // keepalive, by UDP: RFC 7828 §3.2.1
        "000C 0004 00000000", // padding: RFC 7830
        "000D 0001 00", // CHAIN: RFC 7901
        "000F 0002 0000", // an extended error in a question
        "0003 0000 000A 0008 0102030405060708 FDE9 0000",
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void An_option_changes_nothing_in_an_answer_of_ours_and_is_not_echoed(string options)
    {
        byte[] question = ReplyBuilder.Question("db");

        Assert.Equal(AskedView.Ask(question), AskedView.Ask(Hex.WithOptions(question, options)));
        Assert.Equal(Hex.Bytes(OurOpt), AskedView.Ask(question)![^11..]);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task An_option_goes_neither_upstream_nor_back(string options)
    {
        // §6.2.6: two transactions.
        byte[] asked = [];
        await using FakeUpstream upstream = new(question =>
        {
            asked = question;
            return [[.. Hex.Reply(question, "0001 0000 0001", "C00C 0001 0001 0000003C 0004 C0000201"), .. Hex.WithOptions(Hex.Bytes(OurOpt), options)]];
        });

        byte[] reply = await _forwarder.AskAsync(Hex.WithOptions(ReplyBuilder.Question("www.example"), options), upstream);

        Assert.Equal(Hex.Bytes(OurOpt), asked[^11..]);
        Assert.Equal(1, asked[11]);
        Assert.Equal([.. Hex.Bytes("C0000201"), .. Hex.Bytes(OurOpt)], reply[^15..]);
        Assert.Equal(1, reply[11]);
    }

    [Theory]
    [InlineData(0, 512)] // §6.2.3: less than 512 is 512.
    [InlineData(100, 512)]
    [InlineData(511, 512)]
    [InlineData(512, 512)]
    [InlineData(1232, 1232)]
    [InlineData(4096, 4096)]
    [InlineData(65535, 4096)] // Our own limit: §6.2.5
    public void A_datagram_is_as_full_as_the_client_can_take_and_keeps_its_opt(int size, int limit)
    {
        byte[] question = ReplyBuilder.Question("many");
        (question[^8], question[^7]) = ((byte)(size >> 8), (byte)size);

        byte[] reply = AskedView.Ask(question)!;

        Assert.InRange(reply.Length, limit - 15, limit);
        Assert.Equal(Hex.Bytes(OurOpt), reply[^11..]); // §7: OPT is the last to be left out, and the size is ours, not the client's.
        Assert.True(DnsMessage.Parse(reply).IsTruncated);
    }

    [Fact]
    public void Over_a_stream_the_size_does_not_count()
    {
        // RFC 8906 §3.2.7.
        byte[] question = ReplyBuilder.Question("many");
        (question[^8], question[^7]) = (2, 0);

        DnsMessage reply = AskedView.Answer(question, isStream: true);

        Assert.Equal(300, reply.AnswerRecords.Count);
        Assert.False(reply.IsTruncated);
    }

    [Fact]
    public void Opt_may_stand_anywhere_among_additional_records()
    {
        byte[] question = Hex.Bytes(
            "1234 0100 0001 0000 0000 0003  02 'db' 00 0001 0001"
            + "C00C FF01 0001 00000000 0003 'abc'" // of no known type
            + "00 0029 0200 00000000 0000"
            + "03 'key' 00 00FA 00FF 00000000 0001 00"); // TSIG

        Assert.Equal(Hex.Bytes(OurOpt), AskedView.Ask(question)![^11..]);
    }

    [Theory]
    [InlineData("db", 1, 0, false)]
    [InlineData("db", 28, 0, false)]
    [InlineData("nobody", 1, 3, false)]
    [InlineData("db", 252, 4, false)] // AXFR
    [InlineData("db", 41, 1, false)]
    [InlineData("many", 1, 0, true)]
    public void Every_reply_to_a_question_with_opt_has_one_and_no_other_has(string name, ushort type, int rcode, bool isTruncated)
    {
        byte[] with = AskedView.Ask(ReplyBuilder.Question(name, type))!;
        byte[] without = AskedView.Ask(ReplyBuilder.Question(name, type, optFlags: null))!;

        Assert.Equal((rcode, isTruncated, 1), (with[3] & 15, (with[2] & 2) != 0, with[11]));
        Assert.Equal((rcode, 0), (without[3] & 15, without[11]));
        Assert.NotNull(DnsMessage.Parse(with).EDnsOptions);
        Assert.Null(DnsMessage.Parse(without).EDnsOptions);
    }

    [Fact]
    public void The_extended_rcode_of_a_question_means_nothing()
    {
        byte[] question = ReplyBuilder.Question("db");
        question[^6] = 0xFF;

        Assert.Equal(AskedView.Ask(ReplyBuilder.Question("db")), AskedView.Ask(question));
    }

    [Fact]
    public async Task Opt_is_not_kept_with_a_reply()
    {
        // §6.2.1: one client's transaction is not another's.
        await using FakeUpstream upstream = new(question =>
            [[.. Hex.Reply(question, "0001 0000 0001", "C00C 0001 0001 0000003C 0004 C0000201"), .. Hex.WithOptions(Hex.Bytes(OurOpt), "FDE9 0002 ABCD")]]);
        byte[] first = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);
        byte[] second = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream);
        byte[] third = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal(1, upstream.Asked);
        Assert.Equal(first, third);
        Assert.Equal(0, second[11]);
        Assert.Equal(first.Length - 11, second.Length);
    }

    [Fact]
    public async Task A_higher_rcode_of_an_upstream_is_a_failure_to_a_client()
    {
        // BADVERS of an upstream is between it and us: 0 in the header, 1 in OPT.
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, "0000 0000 0001", "00 0029 04D0 01 00 0000 0000")]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.Equal((2, 0), (reply[3] & 15, (int)reply[^6]));
    }
}
