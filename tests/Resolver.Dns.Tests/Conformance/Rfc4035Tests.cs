// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net.Dns;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>DNSSEC by who does not validate: the flags go through, the proofs to those who want them (RFC 4035 §3.2, RFC 3225 §3, RFC 6840 §5.7, §5.8).</summary>
public sealed class Rfc4035Tests : IAsyncDisposable
{
    private const ushort DnssecOk = 0x8000;
    private const byte AuthenticData = 0x20;
    private const byte CheckingDisabled = 0x10;

    // The answer: a CNAME whose target is the next owner, its proof, an address of a target that only the proof's neighbour spells out, MX.
    private const string Answer =
        "C00C 0005 0001 0000003C 0006 03 'cdn' C010" // www.example CNAME cdn.example
        + "C00C 002E 0001 0000003C 0016 0005 05 02 0000003C 66000000 65000000 1234 C010 AABB" // RRSIG of it
        + "03 'cdn' C010 0001 0001 0000003C 0004 C0000201" // cdn.example A
        + "C029 000F 0001 0000003C 0009 000A 04 'mail' C051"; // cdn.example MX mail.cdn.example, by way of the owner before it

    private readonly AskedForwarder _forwarder = new();

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, CheckingDisabled, CheckingDisabled)]
    [InlineData(DnssecOk, 0, AuthenticData)]
    [InlineData(0, AuthenticData, AuthenticData)]
    [InlineData(0, AuthenticData | CheckingDisabled, AuthenticData | CheckingDisabled)]
    public async Task Flags_go_through(int optFlags, int asked, int answered)
    {
        byte[] upstreams = [];
        await using FakeUpstream upstream = new(question =>
        {
            upstreams = question;
            return [Hex.Reply(question, "0001 0000 0000", "C00C 0001 0001 0000003C 0004 C0000201", lowFlags: 0xA0)]; // AD
        });
        byte[] question = ReplyBuilder.Question("www.example", optFlags: (ushort)optFlags);
        question[3] = (byte)asked;

        byte[] first = await _forwarder.AskAsync(question, upstream);
        byte[] cached = await _forwarder.AskAsync(question, upstream);

        Assert.Equal(0x80 | answered, first[3]);
        Assert.Equal(first, cached);
        Assert.Equal(optFlags, (first[^4] << 8) | first[^3]);
        Assert.Equal((AuthenticData | (asked & CheckingDisabled), optFlags), (upstreams[3], (upstreams[^4] << 8) | upstreams[^3]));
    }

    [Fact]
    public async Task What_only_proves_goes_to_those_who_want_proof()
    {
        await using FakeUpstream upstream = new(Signed);

        DnsMessage with = DnsMessage.Parse(await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: DnssecOk), upstream));
        DnsMessage without = DnsMessage.Parse(await _forwarder.AskAsync(ReplyBuilder.Question("www.example"), upstream));
        DnsMessage cached = DnsMessage.Parse(await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream));

        Assert.Contains(with.AnswerRecords, record => record.RecordType == RecordType.RrSig);
        Assert.Contains(with.AuthorityRecords, record => record.RecordType == RecordType.NSec);
        Assert.Equal(2, upstream.Asked);
        foreach (DnsMessage reply in (DnsMessage[])[without, cached])
        {
            Assert.Equal(
                with.AnswerRecords.Where(record => record.RecordType != RecordType.RrSig).Select(record => record.ToString()),
                reply.AnswerRecords.Select(record => record.ToString()));
            Assert.Equal("example. 60 IN NS ns.example.", Assert.Single(reply.AuthorityRecords).ToString());
            Assert.Equal("ns.example.", Assert.Single(reply.AdditionalRecords, record => record.RecordType == RecordType.A).Name.ToString());
        }
    }

    [Theory]
    [InlineData(46, 1)] // RRSIG
    [InlineData(255, 1)] // ANY
    [InlineData(1, 0)]
    public async Task What_was_asked_for_by_its_type_stays(ushort type, int count)
    {
        await using FakeUpstream upstream = new(Signed);

        DnsMessage reply = DnsMessage.Parse(await _forwarder.AskAsync(ReplyBuilder.Question("www.example", type), upstream));

        Assert.Equal(count, reply.AnswerRecords.Count(record => record.RecordType == RecordType.RrSig));
    }

    [Fact]
    public async Task A_reply_without_proofs_is_passed_on_as_it_came()
    {
        byte[] sent = [];
        await using FakeUpstream upstream = new(question =>
        {
            sent = Hex.Reply(question, "0002 0000 0000", "C00C 0005 0001 0000003C 0006 03 'cdn' C010  C029 0001 0001 0000003C 0004 C0000201");
            return [sent];
        });

        byte[] reply = await _forwarder.AskAsync(ReplyBuilder.Question("www.example", optFlags: null), upstream);

        Assert.Equal(sent[12..], reply[12..]);
    }

    [Fact]
    public void A_name_of_ours_is_signed_by_nobody()
    {
        DnsMessage reply = AskedView.Answer(ReplyBuilder.Question("db", optFlags: DnssecOk));

        Assert.True(reply.IsDnsSecOk);
        Assert.False(reply.IsAuthenticData);
        Assert.IsType<ARecord>(Assert.Single(reply.AnswerRecords));
    }

    private static byte[][] Signed(byte[] question) =>
    [
        Hex.Reply(
            question,
            "0004 0002 0002",
            Answer
            + "C010 0002 0001 0000003C 0005 02 'ns' C010" // example NS ns.example
            + "C010 002F 0001 0000003C 0005 C010 0001 40" // NSEC
            + "02 'ns' C010 0001 0001 0000003C 0004 C0000235" // ns.example A
            + "00 0029 04D0 00 00 8000 0000"),
    ];
}
