// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using System.Text;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using CsCheck;
using DnsClient;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Zones;
using Xunit;
using Zone = Resolver.Dns.Zones.Zone;

namespace Resolver.Dns.Tests.Wire;

/// <summary>Replies that are written here are read by two other libraries as they were meant.</summary>
public sealed class AnswerPropertyTests
{
    private const ushort A = 1;
    private const ushort Soa = 6;
    private const ushort Aaaa = 28;
    private const ushort Any = 255;

    private static readonly Gen<Case> Cases = Gen.Select(
        Generators.Labels,
        Gen.OneOf(Generators.IPv4, Generators.IPv6).Array[1, 50],
        Generators.Among(A, A, Aaaa, Any, (ushort)16, Soa),
        Generators.MaybeEdns,
        Gen.Select(Gen.Bool, Gen.Bool, Gen.UInt, Gen.UInt[0, 86400], Gen.UShort),
        (labels, addresses, type, edns, how) => new Case(labels, [.. addresses.Distinct()], type, edns is { Version: 0 } ? edns : null, how.Item1, how.Item2, how.Item3, how.Item4, how.Item5));

    [Fact]
    public void What_is_answered_is_what_ARSoft_and_DnsClient_read() => Cases.Sample(
        asked =>
        {
            byte[] buffer = new byte[ushort.MaxValue];
            Assert.Equal(AnswerVerdict.Reply, Answerer.Answer(View(asked), asked.Message(), buffer, asked.IsStream, asked.Rotation, out int length));
            ReadOnlySpan<byte> reply = buffer.AsSpan(0, length);
            CheckARSoft(asked, ArsoftCodec.Parse(reply), length);
            CheckDnsClient(asked, DnsClientCodec.Parse(reply));
        },
        iter: Generators.Messages);

    [Fact]
    public void What_failed_and_why_is_what_ARSoft_reads() => Gen.Select(Generators.Labels, Gen.UShort, Gen.String[Gen.Char[' ', '~'], 0, 40], Gen.Bool).Sample(
        (labels, code, text, hasOpt) =>
        {
            byte[] buffer = new byte[512];
            Case asked = new(labels, [], A, hasOpt ? new(1232, false, 0, []) : null, false, false, 0, 0, 7);
            ForwardedMessages.WriteServerFailure(asked.Message(), code, Encoding.ASCII.GetBytes(text), buffer, out int length);
            DnsMessage read = ArsoftCodec.Parse(buffer.AsSpan(0, length));

            Assert.Equal((ReturnCode.ServerFailure, hasOpt), (read.ReturnCode, read.IsEDnsEnabled));
            Assert.Equal(asked.Name, Assert.Single(read.Questions).Name);
            if (hasOpt)
            {
                UnknownOption error = Assert.IsType<UnknownOption>(Assert.Single(read.EDnsOptions!.Options));
                Assert.Equal(15, (int)error.Type); // RFC 8914 §2
                Assert.Equal((byte[])[(byte)(code >> 8), (byte)code, .. Encoding.ASCII.GetBytes(text)], error.Data);
            }
        },
        iter: Generators.Messages);

    private static SandboxView View(Case asked)
    {
        Zone zone = new(DnsName.Parse("app", "origin"), [], TimeSpan.FromSeconds(asked.Ttl));
        zone.Apply(new ZoneDelta([new(DnsName.Parse(string.Join('.', asked.Labels), "name"), [.. asked.Addresses])], []));
        return new([zone], []);
    }

    private static void CheckARSoft(Case asked, DnsMessage read, int length)
    {
        Assert.Equal((asked.Id, false, ReturnCode.NoError), (read.TransactionID, read.IsQuery, read.ReturnCode));
        Assert.Equal((true, true, asked.IsRecursionDesired), (read.IsAuthoritiveAnswer, read.IsRecursionAllowed, read.IsRecursionDesired));
        ARSoft.Tools.Net.Dns.DnsQuestion question = Assert.Single(read.Questions);
        Assert.True(question.Name.Equals(asked.Name, ignoreCase: false));
        Assert.Equal((asked.Type, (ushort)1), ((ushort)question.RecordType, (ushort)question.RecordClass));
        Assert.All(read.AnswerRecords.Concat(read.AuthorityRecords), record => Assert.True(record.Name.Equals(asked.Name) && record.TimeToLive == asked.Ttl));
        CheckAddresses(asked, [.. read.AnswerRecords.OfType<AddressRecordBase>().Select(record => record.Address)], read.IsTruncated);
        SoaRecord[] soas = [.. read.AnswerRecords.Concat(read.AuthorityRecords).OfType<SoaRecord>()];
        Assert.Equal(asked.Expected().Length == 0 ? 1 : 0, soas.Length);
        Assert.All(soas, soa => Assert.Equal((int)asked.Ttl, soa.NegativeCachingTTL));
        Assert.Equal(asked.Edns is not null, read.IsEDnsEnabled);
        Assert.True(asked.IsStream || length <= Math.Max(512, (int)(asked.Edns?.UdpSize ?? 0)));
        if (asked.Edns is { } edns)
        {
            Assert.Equal((1232, edns.IsDnssecOk, 0), (read.EDnsOptions!.UdpPayloadSize, read.EDnsOptions.IsDnsSecOk, read.EDnsOptions.Options.Count));
        }
    }

    private static void CheckDnsClient(Case asked, IDnsQueryResponse read)
    {
        Assert.Equal(((int)asked.Id, DnsHeaderResponseCode.NoError), (read.Header.Id, read.Header.ResponseCode));
        Assert.Equal((true, true), (read.Header.HasAuthorityAnswer, read.Header.RecursionAvailable));
        Assert.Equal(string.Join('.', asked.Labels) + ".", Assert.Single(read.Questions).QueryName.Value);
        Assert.All(read.Answers.Concat(read.Authorities), record => Assert.Equal((int)asked.Ttl, record.InitialTimeToLive));
        CheckAddresses(asked, [.. read.Answers.OfType<DnsClient.Protocol.AddressRecord>().Select(record => record.Address)], read.Header.ResultTruncated);
        Assert.Equal(asked.Expected().Length == 0 ? 1 : 0, read.Answers.Concat(read.Authorities).OfType<DnsClient.Protocol.SoaRecord>().Count());
        Assert.Equal(asked.Edns is null ? 0 : 1, read.Additionals.Count);
    }

    // All, rotated; or as many of them as fit and TC.
    private static void CheckAddresses(Case asked, IPAddress[] read, bool isTruncated)
    {
        IPAddress[] expected = asked.Expected();
        Assert.Equal(isTruncated, read.Length < expected.Length);
        Assert.Equal(expected[..read.Length], read);
    }

    private sealed record Case(
        string[] Labels, IPAddress[] Addresses, ushort Type, Generators.Edns? Edns, bool IsStream, bool IsRecursionDesired, uint Rotation, uint Ttl, ushort Id)
    {
        internal DomainName Name { get; } = new(Labels);

        internal IPAddress[] Expected()
        {
            AddressFamily family = Type switch
            {
                A => AddressFamily.InterNetwork,
                Aaaa => AddressFamily.InterNetworkV6,
                Any => Addresses.Any(address => address.AddressFamily == AddressFamily.InterNetwork) ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6,
                _ => AddressFamily.Unknown,
            };
            IPAddress[] all = [.. Addresses.Where(address => address.AddressFamily == family)];
            int start = all.Length == 0 ? 0 : (int)(Rotation % (uint)all.Length);
            return [.. all[start..], .. all[..start]];
        }

        internal byte[] Message()
        {
            byte[] opt = Edns is { } edns ? [0, 0, 41, (byte)(edns.UdpSize >> 8), (byte)edns.UdpSize, 0, 0, (byte)(edns.IsDnssecOk ? 0x80 : 0), 0, 0, 0] : [];
            return
            [
                (byte)(Id >> 8), (byte)Id, (byte)(IsRecursionDesired ? 1 : 0), 0, 0, 1, 0, 0, 0, 0, 0, (byte)(Edns is null ? 0 : 1),
                .. Generators.Wire(Labels), (byte)(Type >> 8), (byte)Type, 0, 1, .. opt,
            ];
        }
    }
}
