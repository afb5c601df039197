// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using CsCheck;
using Resolver.Dns.Answering;
using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Wire;
using Xunit;

namespace Resolver.Dns.Tests.Wire;

/// <summary>What an upstream says means the same when it has come through here, at once and from the cache.</summary>
public sealed class ForwardedPropertyTests
{
    private const int AgeSeconds = 25;

    private static readonly Gen<DomainName> Name = Generators.Labels.Select(labels => new DomainName(labels));

    private static readonly Gen<int> Ttl = Gen.Int[30, 86400];

    private static readonly Gen<DnsRecordBase> Rr = Gen.OneOf<DnsRecordBase>(
        Gen.Select(Name, Ttl, Generators.IPv4, (name, ttl, address) => (DnsRecordBase)new ARecord(name, ttl, address)),
        Gen.Select(Name, Ttl, Generators.IPv6, (name, ttl, address) => (DnsRecordBase)new AaaaRecord(name, ttl, address)),
        Gen.Select(Name, Ttl, Name, (name, ttl, target) => (DnsRecordBase)new CNameRecord(name, ttl, target)),
        Gen.Select(Name, Ttl, Name, (name, ttl, target) => (DnsRecordBase)new NsRecord(name, ttl, target)),
        Gen.Select(Name, Ttl, Name, (name, ttl, target) => (DnsRecordBase)new PtrRecord(name, ttl, target)),
        Gen.Select(Name, Ttl, Gen.UShort, Name, (name, ttl, preference, target) => (DnsRecordBase)new MxRecord(name, ttl, preference, target)),
        Gen.Select(Name, Ttl, Gen.UShort, Name, (name, ttl, port, target) => (DnsRecordBase)new SrvRecord(name, ttl, 1, port, port, target)),
        Gen.Select(Name, Ttl, Name, Gen.Int[30, 3600], (name, ttl, master, minimum) =>
            (DnsRecordBase)new SoaRecord(name, ttl, master, master, 1, 2, 3, 4, minimum)),
        Gen.Select(Name, Ttl, Gen.String[Gen.Char[' ', '~'], 0, 255], (name, ttl, text) => (DnsRecordBase)new TxtRecord(name, ttl, text)),
        Gen.Select(Name, Ttl, Gen.UShort[65280, 65534], Gen.Byte.Array[0, 60], (name, ttl, type, data) =>
            (DnsRecordBase)new UnknownRecord(name, (RecordType)type, RecordClass.INet, ttl, data)));

    [Fact]
    public void What_upstreams_say_comes_out_meaning_the_same() => Gen
        .Select(Generators.Labels, Rr.Array[0, 4], Rr.Array[0, 2], Rr.Array[0, 2], Generators.Among(0, 0, 0, 2, 3, 5), Gen.Bool)
        .Sample(
            (labels, answer, authority, additional, rcode, hasOpt) =>
            {
                byte[] message = ReplyBuilder.Question(string.Join('.', labels), type: 1, optFlags: hasOpt ? (ushort)0 : null);
                byte[] upstream = ArsoftCodec.Encode(Said(labels, answer, authority, additional, rcode));

                // Read again, for its writer takes a name in another case for the same and points there.
                DnsMessage said = ArsoftCodec.Parse(upstream);
                byte[] buffer = new byte[ushort.MaxValue];

                Assert.True(ForwardedMessages.IsReplyTo(message, upstream));
                Assert.True(ForwardedMessages.TryWriteClientReply(message, upstream, buffer, isStream: true, out int length));
                CheckSame(said, ArsoftCodec.Parse(buffer.AsSpan(0, length)), hasOpt, age: 0);
                Assert.Equal(Lines(upstream), Lines(buffer.AsSpan(0, length)));
                if (Keep(message, upstream, out Question question) is { } kept)
                {
                    length = kept.Write(message, in question, TimeSpan.FromSeconds(AgeSeconds), 0, buffer, isStream: true);
                    CheckSame(said, ArsoftCodec.Parse(buffer.AsSpan(0, length)), hasOpt, rcode == 2 ? null : AgeSeconds);
                }
            },
            iter: Generators.Messages);

    private static CachedReply? Keep(byte[] message, byte[] upstream, out Question question)
    {
        question = default;
        Assert.Equal(QuestionProblem.None, question.Parse(message));
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(message, in question, UpstreamSet.None, null, key)];
        return CachedReply.TryMake(key, question.Type, question.End, upstream, 0);
    }

    private static DnsMessage Said(string[] labels, DnsRecordBase[] answer, DnsRecordBase[] authority, DnsRecordBase[] additional, int rcode)
    {
        DnsMessage said = new() { TransactionID = 0x1234, IsQuery = false, ReturnCode = (ReturnCode)rcode, IsRecursionAllowed = true };
        said.Questions.Add(new DnsQuestion(new DomainName(labels), RecordType.A, RecordClass.INet));
        said.AnswerRecords.AddRange(answer);
        said.AuthorityRecords.AddRange(authority);
        said.AdditionalRecords.AddRange(additional);
        said.EDnsOptions = new OptRecord(1232);
        return said;
    }

    private static void CheckSame(DnsMessage said, DnsMessage read, bool hasOpt, int? age)
    {
        ReturnCode expected = said.ReturnCode == ReturnCode.Refused ? ReturnCode.ServerFailure : said.ReturnCode;
        Assert.Equal((expected, false, hasOpt), (read.ReturnCode, read.IsAuthoritiveAnswer, read.IsEDnsEnabled));
        Assert.Equal(Text(said.AnswerRecords, age), Text(read.AnswerRecords, age is null ? null : 0));
        Assert.Equal(Text(said.AuthorityRecords, age), Text(read.AuthorityRecords, age is null ? null : 0));
        Assert.Equal(Text(Without(said.AdditionalRecords), age), Text(Without(read.AdditionalRecords), age is null ? null : 0));
    }

    private static IEnumerable<DnsRecordBase> Without(List<DnsRecordBase> records) => records.Where(record => record is not OptRecord);

    // A failure that was kept is as good as over: its TTLs say nothing.
    private static string[] Text(IEnumerable<DnsRecordBase> records, int? taken) =>
    [
        .. records.Select(record => string.Create(
            CultureInfo.InvariantCulture, $"{(taken is { } seconds ? record.TimeToLive - seconds : 0)} {WithoutTtl(record.ToString())}")),
    ];

    // NAME TTL CLASS TYPE RDATA
    private static string WithoutTtl(string record)
    {
        string[] words = record.Split(' ', 3);
        return $"{words[0]} {words[2]}";
    }

    // NAME TTL CLASS TYPE RDATA, with the TTL as it came: it counts down by the clock.
    private static string[] Lines(ReadOnlySpan<byte> message)
    {
        DnsClient.IDnsQueryResponse read = DnsClientCodec.Parse(message);
        return
        [
            .. read.Answers.Concat(read.Authorities).Concat(read.Additionals)
                .Where(record => record is not DnsClient.Protocol.Options.OptRecord)
                .Select(record => string.Create(CultureInfo.InvariantCulture, $"{record.InitialTimeToLive} {WithoutTtl(record.ToString())}")),
        ];
    }
}
