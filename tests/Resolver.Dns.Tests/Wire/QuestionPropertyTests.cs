// SPDX-License-Identifier: Apache-2.0

using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using CsCheck;
using DnsClient;
using Resolver.Dns.Wire;
using Xunit;

namespace Resolver.Dns.Tests.Wire;

/// <summary>Questions that others write are read here as they were meant.</summary>
public sealed class QuestionPropertyTests
{
    private static readonly QueryType[] KnownTypes = Enum.GetValues<QueryType>();

    [Fact]
    public void What_ARSoft_asks_is_what_is_read() => Gen
        .Select(Generators.Labels, Gen.UShort, Gen.UShort, Generators.MaybeEdns, Gen.Byte[0, 7], Gen.UShort)
        .Sample(
            (labels, type, @class, edns, flags, id) =>
            {
                byte[] message = ArsoftCodec.Encode(NewMessage(labels, type, @class, edns, flags, id));
                Question question = default;

                Assert.Equal(1, MessageHeader.QuestionCount(message));
                Assert.Equal(QuestionProblem.None, question.Parse(message));
                Assert.Equal((type, @class), (question.Type, question.Class));
                Assert.True(question.Name.SequenceEqual(Generators.Wire(labels)));
                Assert.Equal(edns is not null, question.HasOpt);
                Assert.Equal(Math.Max((int)(edns?.UdpSize ?? 0), 512), question.UdpPayloadBytes);
                Assert.Equal((edns?.Version ?? 0, edns?.IsDnssecOk ?? false), (question.EdnsVersion, question.DnssecOk));
                Assert.Equal(edns?.Options.Any(option => option.Code == 11) ?? false, question.AsksForKeepalive);
                Assert.Equal((id >> 8, id & 0xFF), (message[0], message[1]));
                Assert.Equal((flags & 1) != 0, (message[2] & MessageHeader.RecursionDesiredBit) != 0);
                Assert.Equal((flags & 2) != 0, (message[3] & MessageHeader.CheckingDisabledBit) != 0);
                Assert.Equal((flags & 4) != 0, (message[3] & MessageHeader.AuthenticDataBit) != 0);
            },
            iter: Generators.Messages);

    [Fact]
    public void What_DnsClient_asks_is_what_is_read() => Gen
        .Select(Generators.Labels, Generators.Among(KnownTypes), Gen.Int[512, 4096], Gen.Bool, Gen.Bool)
        .Sample(
            (labels, type, udpSize, isDnssecOk, isRecursionDesired) =>
            {
                byte[] message = DnsClientCodec.EncodeQuestion(string.Join('.', labels), type, udpSize, isDnssecOk, isRecursionDesired);
                Question question = default;

                Assert.Equal(1, MessageHeader.QuestionCount(message));
                Assert.Equal(QuestionProblem.None, question.Parse(message));
                Assert.Equal(((ushort)type, (ushort)1), (question.Type, question.Class));
                Assert.True(question.Name.SequenceEqual(Generators.Wire(labels)));

                // It sends OPT only to say more than without.
                Assert.Equal(udpSize > 512 || isDnssecOk, question.HasOpt);
                Assert.Equal((udpSize, isDnssecOk), (question.UdpPayloadBytes, question.DnssecOk));
                Assert.Equal(isRecursionDesired, (message[2] & MessageHeader.RecursionDesiredBit) != 0);
            },
            iter: Generators.Messages);

    private static DnsMessage NewMessage(string[] labels, ushort type, ushort @class, Generators.Edns? edns, byte flags, ushort id)
    {
        DnsMessage message = new()
        {
            TransactionID = id,
            IsQuery = true,
            IsRecursionDesired = (flags & 1) != 0,
            IsCheckingDisabled = (flags & 2) != 0,
            IsAuthenticData = (flags & 4) != 0,
        };
        message.Questions.Add(new ARSoft.Tools.Net.Dns.DnsQuestion(new DomainName(labels), (RecordType)type, (RecordClass)@class));
        if (edns is not null)
        {
            message.EDnsOptions = new OptRecord(
                edns.UdpSize, [.. edns.Options.Select(option => new UnknownOption((EDnsOptionType)option.Code, option.Data))]);

            // To clear DO clears the version as well.
            message.EDnsOptions.IsDnsSecOk = edns.IsDnssecOk;
            message.EDnsOptions.Version = edns.Version;
        }

        return message;
    }
}
