// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>
/// What upstreams say reaches the client as it was said, and what is wrong with an upstream does not (RFC 5625 §4, RFC 3597 §3, §4, RFC 2181 §9).
/// The name is www.example: it starts at octet 12 (0C), example at 16 (10), and RRs at 29 (1D).
/// </summary>
public sealed class ForwardingTransparencyTests : IAsyncDisposable
{
    private const int ServerFailure = 2;

    private readonly AskedForwarder _forwarder = new();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    public static TheoryData<string, string> Replies => new()
    {
        { "0001 0000 0000", "C00C FF00 0001 0000003C 0005 0102C00CFF" }, // a type of nobody's; what looks like a pointer is none
        { "0001 0000 0000", "C00C 0001 FF00 0000003C 0003 010203" }, // A of another class may be anything
        { "0001 0000 0000", "C00C 000A 0001 0000003C 0000" }, // NULL, empty
        { "0001 0000 0000", "C00C 0041 0001 0000003C 000D 0001 02 'aB' 00 0001 0003 02 'h3'" }, // HTTPS: the case of the target stays
        { "0001 0000 0000", "03 'wWw' 07 'eXample' 00 0001 0001 0000003C 0004 C0000201" }, // an owner without compression
        { "0001 0000 0000", "C00C 0021 0001 0000003C 000C 0000 0000 0050 03 'srv' C010" }, // SRV compressed, as RFC 2782 forbids
        { "0002 0000 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010  C029 0001 0001 0000003C 0004 C0000201" }, // a chain
        { "0002 0000 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010  C029 0005 0001 0000003C 0002 C00C" }, // a chain that goes round
        { "0001 0001 0001", "C00C 000F 0001 0000003C 0004 0001 C010  C010 0002 0001 0000003C 0005 02 'ns' C010  C039 0001 0001 0000003C 0004 C0000201" },
        { "0001 0000 0000", "C00C 0010 0001 0000003C 0006 00 04 'text'" }, // TXT: an empty string and another
        { "0001 0000 0000", "C00C 0023 0001 0000003C 0011 0064 0032 01 's' 03 'sip' 00 03 'srv' C010" }, // NAPTR
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task What_an_upstream_says_reaches_the_client_octet_for_octet(string counts, string records)
    {
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, counts, records)]);
        byte[] question = ReplyBuilder.Question("www.example", 255, optFlags: null);

        byte[] first = await _forwarder.AskAsync(question, upstream);
        byte[] again = await _forwarder.AskAsync(question, upstream);

        Assert.Equal([.. Hex.Bytes(counts), .. question[12..], .. Hex.Bytes(records)], first[6..]);
        Assert.Equal(first, again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(29)] // LOC
    [InlineData(65280)]
    [InlineData(65535)]
    public async Task A_type_of_nobodys_is_asked_as_it_is(ushort type)
    {
        byte[] asked = [];
        await using FakeUpstream upstream = new(question =>
        {
            asked = question;
            return [Hex.Reply(question, "0000 0000 0000", "")];
        });

        await _forwarder.AskAsync(ReplyBuilder.Question("www.example", type), upstream);

        Assert.Equal(type, (asked[25] << 8) | asked[26]);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "0001 0000 0000", "" }, // an answer that is not there
        { "FFFF 0000 0000", "C00C 0001 0001 0000003C 0004 C0000201" }, // and 65,534 of them
        { "0001 0000 0000", "C00C 0001 0001 0000003C 0005 C0000201" }, // RDLENGTH beyond the end
        { "0001 0000 0000", "C00C 0001 0001 0000003C 0003 C00002" }, // an address of three octets
        { "0001 0000 0000", "C00C 0001 0001 0000003C 0005 C000020101" }, // of five
        { "0001 0000 0000", "C00C 001C 0001 0000003C 0004 C0000201" }, // AAAA of four
        { "0001 0000 0000", "C01D 0001 0001 0000003C 0004 C0000201" }, // an owner that points at itself
        { "0001 0000 0000", "C0FF 0001 0001 0000003C 0004 C0000201" }, // beyond the end
        { "0001 0000 0000", "C00C 0005 0001 0000003C 0002 C029" }, // CNAME whose target points at itself
        { "0001 0000 0000", "C00C 0005 0001 0000003C 0002 C0FF" },
        { "0001 0000 0000", "C00C 0005 0001 0000003C 0003 C00C00" }, // an octet too many
        { "0001 0000 0000", "C00C 0005 0001 0000003C 0004 03 'cdn'" }, // a name without end
        { "0001 0000 0000", "C00C 0006 0001 0000003C 0004 C00C C00C" }, // SOA without numbers
        { "0001 0000 0000", "C00C 000F 0001 0000003C 0001 00" }, // MX without target
        { "0001 0000 0000", "C00C 0010 0001 0000003C 0000" }, // TXT without a string
        { "0001 0000 0000", "C00C 0010 0001 0000003C 0003 05 'ab'" }, // a string longer than its RDATA
        { "0001 0000 0000", "C00C 0023 0001 0000003C 0007 0064 0032 09 's' 00" }, // NAPTR, the same
        { "0000 0001 0000", "C00C 0002 0001 0000003C 0002 C029" }, // in authority
        { "0000 0000 0001", "C00C 0001 0001 0000003C 0003 C00002" }, // in additional
        { "0001 0000 0000", "00 0029 04D0 00000000 0000" }, // OPT as an answer
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_malformed_reply_is_a_failure_at_once_and_never_kept(string counts, string records)
    {
        await using FakeUpstream broken = new(question => [Hex.Reply(question, counts, records)]);
        await using FakeUpstream good = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), broken);
        Assert.Equal(ServerFailure, AskedForwarder.Rcode(reply));

        // Another upstream makes good for it.
        byte[] other = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), broken, good);
        Assert.Equal((0, 1), (AskedForwarder.Rcode(other), other[7]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_last_word_of_upstreams_that_fail_is_server_failure(int rcode)
    {
        // REFUSED, NOTIMP and FORMERR would make musl wait for five seconds.
        await using FakeUpstream first = new(question => [FakeUpstream.Reply(question, null, 2)]);
        await using FakeUpstream last = new(question => [FakeUpstream.Reply(question, null, rcode)]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), first, last);

        Assert.Equal(ServerFailure, AskedForwarder.Rcode(reply));
    }

    [Theory]
    [InlineData(6)] // YXDOMAIN: RFC 6672 §2.2
    [InlineData(9)]
    public async Task Another_rcode_is_the_clients_to_read(int rcode)
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, null, rcode)]);

        Assert.Equal(rcode, AskedForwarder.Rcode(await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream)));
    }

    [Fact]
    public async Task One_that_does_not_answer_for_others_is_as_good_as_none()
    {
        // A referral, with neither RA nor AA: as an answer of ours it would say that the name has no address.
        await using FakeUpstream authority = new(question =>
            [Hex.Reply(question, "0000 0001 0000", "C010 0002 0001 0000003C 0005 02 'ns' C010", lowFlags: 0)]);
        await using FakeUpstream good = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        Assert.Equal(1, (await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), authority, good))[7]);
        Assert.Equal(ServerFailure, AskedForwarder.Rcode(await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), authority)));
    }

    [Fact]
    public async Task An_authority_upstream_that_has_no_data_is_believed()
    {
        await using FakeUpstream authority = new(question => [Hex.Reply(question, "0000 0000 0000", "", flags: 0x85, lowFlags: 0)]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), authority);

        Assert.Equal((0, 0x81, 0x80), (AskedForwarder.Rcode(reply), (int)reply[2], (int)reply[3])); // NOERROR; RA set, AA not: we are none
    }

    [Theory]
    [InlineData(3, "0000 0001 0000")]
    [InlineData(0, "0000 0001 0000")]
    public async Task A_negative_answer_is_final_and_comes_with_its_soa(int rcode, string counts)
    {
        const string Soa = "C010 0006 0001 0000003C 0016 00 00 00000001 00000002 00000003 00000004 0000001E";
        await using FakeUpstream first = new(question => [Hex.Reply(question, counts, Soa, lowFlags: (byte)(0x80 | rcode))]);
        await using FakeUpstream second = new(question => [FakeUpstream.Reply(question, "192.0.2.66")]);

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), first, second);

        Assert.Equal(rcode, AskedForwarder.Rcode(reply));
        Assert.Equal(Hex.Bytes(Soa), reply[29..]);
        Assert.Equal((1, 0), (first.Asked, second.Asked));
    }

    [Fact]
    public async Task Truncation_is_told_exactly_when_the_answer_is_cut()
    {
        // RFC 2181 §9: what nobody asked for may go without a word.
        string answers = string.Concat(Enumerable.Range(0, 20).Select(i => $"C00C 0001 0001 0000003C 0004 C00002{i:X2}"));
        string authority = string.Concat(Enumerable.Range(0, 10).Select(i => $"C010 0002 0001 0000003C 0006 03 'ns{i}' C010"));
        string additional = string.Concat(Enumerable.Range(0, 10).Select(_ => "C010 0001 0001 0000003C 0004 C0000201"));
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, "0014 000A 000A", answers + authority + additional)]);

        byte[] small = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream);
        byte[] big = await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream);

        Assert.InRange(small.Length, 20 * 16, 512);
        Assert.Equal((0, 20, 0, 0), (small[2] & 2, small[7], small[9], small[11]));
        Assert.Equal((0, 20, 10, 11), (big[2] & 2, big[7], big[9], big[11]));
        DnsMessage.Parse(small);
    }

    [Fact]
    public async Task A_cut_answer_has_as_many_records_as_fit_and_the_rest_comes_by_tcp()
    {
        // 900 octets of a server that asks for no EDNS; musl before 1.2.4 and busybox use what is there.
        string answers = string.Concat(Enumerable.Range(0, 54).Select(i => $"C00C 0001 0001 0000003C 0004 C00002{i:X2}"));
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, "0036 0000 0000", answers)]);

        foreach (bool isCached in (bool[])[false, true])
        {
            byte[] cut = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream);
            Assert.Equal((2, (512 - 29) / 16), (cut[2] & 2, (int)cut[7]));
            Assert.InRange(cut.Length, 497, 512);
            Assert.Equal(isCached ? 1 : 0, _forwarder.Counters.CacheHits);
        }

        byte[] whole = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), isStream: true, upstream);
        Assert.Equal((0, 54), (whole[2] & 2, (int)whole[7]));
        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task A_datagram_of_four_thousand_octets_is_read()
    {
        // RFC 5625 §4.4.3, though we ask for 1,232.
        string answers = string.Concat(Enumerable.Range(0, 240).Select(i => $"C00C 0001 0001 0000003C 0004 C00002{i:X2}"));
        await using FakeUpstream upstream = new(question => [Hex.Reply(question, "00F0 0000 0000", answers)]);

        Assert.Equal(240, (await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), isStream: true, upstream))[7]);
    }

    [Fact]
    public async Task What_is_still_truncated_over_tcp_says_so()
    {
        // RFC 5625 §4.4: TC is never cleared; and what is cut is not kept.
        await using FakeUpstream upstream = new(
            question => [FakeUpstream.Reply(question, null, isTruncated: true)],
            question => FakeUpstream.Reply(question, "192.0.2.1", isTruncated: true));

        Assert.Equal(2, (await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), isStream: true, upstream))[2] & 2);
        await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), isStream: true, upstream);
        Assert.Equal(2, upstream.Asked);
    }

    [Fact]
    public async Task A_signature_of_a_transaction_is_not_sent_on()
    {
        byte[] question = Hex.Bytes("1234 0100 0001 0000 0000 0001 03 'www' 07 'example' 00 0001 0001  03 'key' 00 00FA 00FF 00000000 0001 00");
        byte[] asked = [];
        await using FakeUpstream upstream = new(received =>
        {
            asked = received;
            return [FakeUpstream.Reply(received, "192.0.2.1")];
        });

        byte[] reply = await _forwarder.AskAsync(question, upstream);

        Assert.Equal((29 + 11, 1), (asked.Length, (int)asked[11])); // our OPT alone
        Assert.Equal((1, 0), (reply[7], (int)reply[11]));
    }
}
