// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Caching;
using Xunit;

namespace Resolver.Dns.Tests.Answering;

/// <summary>Messages that are no plain question. Hex: id, flags, four counts | question | further RRs.</summary>
public sealed class HostileQuestionTests
{
    private const string Db = "02 64 62 00 0001 0001"; // db A IN

    private static readonly byte[][] Valid =
    [
        ReplyBuilder.Question("db"),
        ReplyBuilder.Question("many", optFlags: null),
        ReplyBuilder.Question("nobody", 28),
        ReplyBuilder.Question("2.0.30.172.in-addr.arpa", 12, 0x8000),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("1234")]
    [InlineData("1234 0100 0001 0000 0000 00")] // 11 octets: no id to answer to
    [InlineData("1234 8100 0001 0000 0000 0000 " + Db)] // QR=1: answering a reply could go on for ever
    [InlineData("1234 A800 0000 0000 0000 0000")] // QR=1 and an odd opcode
    public void Nothing_is_said_to(string hex) => Assert.Equal(AnswerVerdict.Drop, AskedView.Verdict(Bytes(hex)));

    [Theory]
    [InlineData("1234 0100 0000 0000 0000 0000")] // QDCOUNT 0 (RFC 8906 §4)
    [InlineData("1234 0100 0002 0000 0000 0000 " + Db + Db)] // QDCOUNT 2 (RFC 9619 §4)
    [InlineData("1234 0100 0001 0000 0000 0000")] // No question at all
    [InlineData("1234 0100 0001 0000 0000 0000 02 64")] // Cut in a label
    [InlineData("1234 0100 0001 0000 0000 0000 02 64 62 00 0001 00")] // Cut in the class
    [InlineData("1234 0100 0001 0000 0000 0000 C00C 0001 0001")] // A pointer to itself (RFC 9267 §2)
    [InlineData("1234 0100 0001 0000 0000 0000 C000 0001 0001")] // A pointer into the header
    [InlineData("1234 0100 0001 0000 0000 0000 41 64 00 0001 0001")] // A bit label (RFC 6891 §5)
    [InlineData("1234 0100 0001 0000 0000 0000 80 00 0001 0001")] // A reserved label type
    public void A_question_that_cannot_be_read_is_a_format_error_of_the_header_alone(string hex)
    {
        byte[] reply = AskedView.Ask(Bytes(hex))!;
        Assert.Equal(Bytes("1234 8181 0000 0000 0000 0000"), reply);
    }

    [Theory]
    [InlineData("0000 0000 0001 " + Db, " 00 0029 04D0 00000000 0000", " 00 0029 04D0 00000000 0000", 2)] // Two OPT (RFC 6891 §6.1.1)
    [InlineData("0000 0000 0001 " + Db, " 02 64 62 00 0029 04D0 00000000 0000", "", 1)] // OPT not of the root
    [InlineData("0001 0000 0000 " + Db, " 00 0029 04D0 00000000 0000", "", 0)] // OPT as an answer
    [InlineData("0000 0000 0001 " + Db, " 00 0029 04D0 00000000 0004 0003", "", 1)] // OPT longer than the message
    [InlineData("0000 0000 0001 " + Db, " 00 0029 04D0 00000000 0003 FDE900", "", 1)] // Half an option
    [InlineData("0000 0000 0001 " + Db, " 00 0029 04D0 00000000 0005 FDE9000200", "", 1)] // An option longer than its OPT
    [InlineData("0000 0000 0001 " + Db, "", "", 1)] // An OPT that is not there
    public void What_follows_a_good_question_badly_is_a_format_error(string counts, string first, string second, int additional)
    {
        byte[] message = Bytes("1234 0100 0001 " + counts + first + second);
        message[11] = (byte)additional;
        Assert.Equal(1, AskedView.Ask(message)![3] & 15);
    }

    [Theory]
    [InlineData(0x08)] // IQUERY (RFC 3425)
    [InlineData(0x10)] // STATUS
    [InlineData(0x20)] // NOTIFY (RFC 1996)
    [InlineData(0x28)] // UPDATE (RFC 2136)
    [InlineData(0x78)]
    public void Other_opcodes_are_not_implemented(byte opcode)
    {
        byte[] message = ReplyBuilder.Question("db");
        message[2] = opcode;
        byte[] reply = AskedView.Ask(message)!;
        Assert.Equal((12, 4, opcode | 0x80), (reply.Length, reply[3] & 15, (int)reply[2]));
    }

    [Fact]
    public void A_name_may_have_255_octets_and_no_more()
    {
        string[] labels = [.. Enumerable.Repeat("x", 127)];
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(ReplyBuilder.Question(string.Join('.', labels), optFlags: null)));
        Assert.Equal(1, AskedView.Ask(ReplyBuilder.Question(string.Join('.', labels.Append("x")), optFlags: null))![3] & 15);
    }

    [Fact]
    public void A_higher_edns_version_is_bad_and_flags_and_options_that_are_not_known_do_not_matter()
    {
        byte[] message = ReplyBuilder.Question("db", optFlags: 0x7FFF);
        DnsMessage reply = AskedView.Answer(message);
        Assert.Single(reply.AnswerRecords);
        Assert.Equal([0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0], AskedView.Ask(message)![^11..]); // RFC 6891 §6.1.4: zero in the reply

        message[^5] = 1;
        byte[] bad = AskedView.Ask(message)!;
        Assert.Equal((0, 1, 0), (bad[3] & 15, (int)bad[^6], (int)bad[^5])); // BADVERS is 16: 1 in OPT, 0 in the header; our version
        Assert.Equal(0, bad[7]);
    }

    [Fact]
    public void Opt_comes_exactly_to_those_who_sent_it_and_the_dnssec_flag_comes_back()
    {
        Assert.Equal(0, AskedView.Ask(ReplyBuilder.Question("db", optFlags: null))![11]);
        Assert.Equal(1, AskedView.Ask(ReplyBuilder.Question("nobody"))![11]);
        Assert.True(AskedView.Answer(ReplyBuilder.Question("db", optFlags: 0x8000)).IsDnsSecOk); // RFC 3225 §3
    }

    [Fact]
    public void No_prefix_and_no_flipped_bit_of_a_question_does_harm()
    {
        foreach (byte[] message in Valid)
        {
            for (int length = 0; length <= message.Length; length++)
            {
                Check(message[..length]);
            }
        }

        Random random = new(20261124);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] message = [.. Valid[i % Valid.Length]];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
            }

            Check(message);
        }
    }

    [Fact]
    public void Ten_thousand_answers_allocate_nothing()
    {
        byte[] reply = new byte[4096];
        long allocated = 0;
        for (uint i = 0; i < 20_000; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Answerer.Answer(AskedView.App, Valid[i % Valid.Length], reply, isStream: false, i, out _);
            allocated += i < 10_000 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static void Check(byte[] message)
    {
        if (AskedView.Ask(message) is not { } reply)
        {
            return;
        }

        Assert.True(reply.Length >= 12 && (reply[2] & 0x80) != 0);
        Assert.Equal(message[..2], reply[..2]);

        // The library knows no classes and meta types beyond its own, so it judges what an ordinary client would see.
        if ((reply[3] & 15) is 0 or 3)
        {
            DnsMessage.Parse(reply);
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
