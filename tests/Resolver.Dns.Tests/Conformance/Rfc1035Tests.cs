// SPDX-License-Identifier: Apache-2.0

using System.Net;
using ARSoft.Tools.Net.Dns;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>Header, question and limits (RFC 1035 §2.3.4, §4.1), with what RFC 2181 and 8906 made clear of them.</summary>
public sealed class Rfc1035Tests
{
    private const int FormatError = 1;
    private const int NotImplemented = 4;
    private const int Refused = 5;

    private const string Db = "02 'db' 00  0001 0001";

    [Fact]
    public void Whatever_flags_a_question_has_its_name_is_answered_with_the_flags_of_an_answer()
    {
        // §4.1.1 and RFC 8906 §8.1.3: AA, TC, RA, AD and the Z bit of a question mean nothing; RD and CD come back.
        for (int flags = 0; flags < 0x10000; flags++)
        {
            if ((flags & 0xF800) != 0)
            {
                continue; // QR and opcode
            }

            byte[] message = ReplyBuilder.Question("db");
            (message[2], message[3]) = ((byte)(flags >> 8), (byte)flags);
            byte[] reply = AskedView.Ask(message)!;

            Assert.Equal(0x8480 | (flags & 0x0110), (reply[2] << 8) | reply[3]); // QR AA RA, RD and CD as asked
            Assert.Equal((0, 1), (reply[6], reply[7]));
        }
    }

    [Theory]
    [InlineData("1234 0100 0001 0000 0000 0000  " + Db + " 00")]
    [InlineData("1234 0100 0001 0000 0000 0000  " + Db + " C00C 0001 0001 'more'")]
    [InlineData("1234 0100 0001 0000 0000 0001  " + Db + " 00 0029 04D0 00000000 0000 FFFFFFFF")]
    public void Octets_behind_the_last_RR_are_neither_read_nor_copied(string message)
    {
        DnsMessage reply = AskedView.Answer(Hex.Bytes(message));

        Assert.Single(reply.AnswerRecords);
        Assert.Equal(-1, AskedView.Ask(Hex.Bytes(message)).AsSpan().IndexOf((byte)0xFF));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)] // DSO, RFC 8490
    [InlineData(7)]
    [InlineData(15)]
    public void Another_opcode_is_not_implemented_whatever_follows_the_header(int opcode)
    {
        // RFC 8906 §8.1.4: twelve octets, the opcode, no OPT. Nothing behind the header is read.
        foreach (string body in (string[])["", Db, "FFFF FFFF", "C00C C00C", "00 0029 04D0 00010000 0000"])
        {
            byte[] message = [0x12, 0x34, (byte)((opcode << 3) | 1), 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. Hex.Bytes(body)];
            byte[] reply = AskedView.Ask(message)!;

            Assert.Equal([0x12, 0x34, (byte)(0x81 | (opcode << 3)), 0x80 | NotImplemented, 0, 0, 0, 0, 0, 0, 0, 0], reply);
        }
    }

    [Theory]
    [InlineData(41, FormatError)] // OPT is no type to ask for.
    [InlineData(249, NotImplemented)] // TKEY
    [InlineData(250, NotImplemented)] // TSIG
    [InlineData(251, NotImplemented)] // IXFR
    [InlineData(252, NotImplemented)] // AXFR
    [InlineData(253, NotImplemented)] // MAILB
    [InlineData(254, NotImplemented)] // MAILA
    public void A_type_that_is_no_data_is_refused_here_and_asked_of_nobody(ushort type, int rcode)
    {
        foreach (string name in (string[])["db", "www.example.org"])
        {
            byte[] question = ReplyBuilder.Question(name, type, optFlags: null);
            byte[] reply = AskedView.Ask(question)!;

            Assert.Equal((rcode, 0, 0), (reply[3] & 15, reply[2] & 4, reply[7]));
            Assert.Equal(question[12..], reply[12..]);
        }
    }

    [Theory]
    [InlineData("03 'www' 07 'example' 00", 0)]
    [InlineData("07 'version' 04 'bind' 00", 3)] // CHAOS
    [InlineData("02 'db' 00", 3)]
    [InlineData("02 'db' 00", 4)] // HESIOD
    [InlineData("02 'db' 00", 254)] // NONE
    [InlineData("02 'db' 00", 255)] // ANY
    public void Another_class_is_refused_and_asked_of_nobody(string name, byte questionClass)
    {
        byte[] question = [.. Hex.Bytes("1234 0100 0001 0000 0000 0000" + name + "0010"), 0, questionClass];
        byte[] reply = AskedView.Ask(question)!;

        Assert.Equal((Refused, 0, 0), (reply[3] & 15, reply[2] & 4, reply[7]));
        Assert.Equal(question[12..], reply[12..]);
    }

    [Theory]
    [InlineData("00 0002 0001")] // . NS
    [InlineData("00 0006 0001")] // . SOA
    [InlineData("03 'com' 00 0002 0001")]
    [InlineData("07 'example' 03 'org' 00 0001 0001")] // RFC 6761 §6.5: nothing special
    [InlineData("02 C3A9 03 'org' 00 0001 0001")] // RFC 2181 §11: any octet
    [InlineData("04 00 '.' 20 FF 03 'org' 00 0001 0001")]
    public void Names_of_the_world_are_forwarded_whatever_their_octets(string question) =>
        Assert.Equal(AnswerVerdict.Forward, AskedView.Verdict(Hex.Bytes("1234 0100 0001 0000 0000 0000" + question)));

    [Fact]
    public void Only_the_letters_of_ASCII_have_a_case()
    {
        // RFC 4343 §3: 0xC4 and 0xE4 are two octets, though Latin-1 makes them one letter; @ and `, [ and { differ by 0x20 as well.
        foreach ((byte one, byte other) in (ReadOnlySpan<(byte, byte)>)[(0xC4, 0xE4), ((byte)'@', (byte)'`'), ((byte)'[', (byte)'{')])
        {
            Assert.False(Resolver.Dns.Wire.WireNames.EqualFolded([1, one, 0], [1, other, 0]));
        }

        Assert.True(Resolver.Dns.Wire.WireNames.EqualFolded("\u0002aZ\0"u8, "\u0002Az\0"u8));
        Assert.Equal(AnswerVerdict.Reply, AskedView.Verdict(Hex.Bytes("1234 0100 0001 0000 0000 0000  01 C4 00 0001 0001")));
    }

    [Theory]
    [InlineData(63, 0)]
    [InlineData(64, FormatError)]
    public void A_label_has_63_octets_at_most(int length, int rcode)
    {
        byte[] message = [.. Hex.Bytes("1234 0100 0001 0000 0000 0000"), (byte)length, .. Enumerable.Repeat((byte)'x', length), .. Hex.Bytes("00 0001 0001")];

        byte[] reply = AskedView.Ask(message)!;

        Assert.Equal(rcode == 0 ? 3 : rcode, reply[3] & 15); // A single label that nobody has.
    }

    [Theory]
    [InlineData(new[] { 63, 63, 63, 61 }, AnswerVerdict.Forward)] // 255 octets with its zero
    [InlineData(new[] { 63, 63, 63, 62 }, AnswerVerdict.Reply)] // 256
    public void A_name_has_255_octets_at_most(int[] labels, AnswerVerdict verdict)
    {
        byte[] name = [.. labels.SelectMany(length => Enumerable.Repeat((byte)'x', length).Prepend((byte)length)), 0];
        byte[] message = [.. Hex.Bytes("1234 0100 0001 0000 0000 0000"), .. name, .. Hex.Bytes("0001 0001")];

        Assert.Equal(verdict, AskedView.Verdict(message));
        Assert.True(verdict == AnswerVerdict.Forward || (AskedView.Ask(message)![3] & 15) == FormatError);
    }

    [Fact]
    public void Without_recursion_desired_a_name_of_ours_is_answered_all_the_same()
    {
        byte[] message = ReplyBuilder.Question("db");
        message[2] = 0;

        DnsMessage reply = AskedView.Answer(message);

        Assert.Single(reply.AnswerRecords);
        Assert.False(reply.IsRecursionDesired);
        Assert.True(reply.IsRecursionAllowed);
    }

    [Fact]
    public void The_longest_reply_is_cut_at_64_KB_and_says_so()
    {
        Zone zone = new(DnsName.Parse("app", "name"), [], TimeSpan.FromSeconds(5));
        zone.Apply(new ZoneDelta(
            [new(DnsName.Parse("many", "name"), [.. Enumerable.Range(0, 5000).Select(i => new IPAddress([10, 0, (byte)(i >> 8), (byte)i]))])], []));

        byte[] reply = AskedView.Ask(ReplyBuilder.Question("many"), isStream: true, view: new SandboxView([zone], []))!;

        Assert.InRange(reply.Length, ushort.MaxValue - 16, ushort.MaxValue);
        DnsMessage read = DnsMessage.Parse(reply); // Behind 16 KB pointers are of no use (§4.1.4); ours all lead to octet 12.
        Assert.True(read.IsTruncated);
        Assert.All(read.AnswerRecords, record => Assert.Equal("many.", record.Name.ToString()));
        Assert.Equal(read.AnswerRecords.Count, read.AnswerRecords.Select(record => Assert.IsType<ARecord>(record).Address).Distinct().Count());
    }

    [Fact]
    public void An_RRset_has_one_ttl_and_no_duplicates()
    {
        // RFC 2181 §5.
        Zone zone = AskedView.NewZone("app");
        zone.Apply(new ZoneDelta([AskedView.Addresses("twice", "172.30.0.2", "172.30.0.3", "172.30.0.2")], []));

        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question("twice"), view: new SandboxView([zone], []));

        Assert.Equal(2, reply.AnswerRecords.Count);
        Assert.All(reply.AnswerRecords, record => Assert.Equal(5, record.TimeToLive));
    }
}
