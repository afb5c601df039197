// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Answering;
using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Fuzzing.Targets;

/// <summary>
/// What a client sends. Octet 0: bit 0 TCP, bit 1 a reply of 512 octets at most, bit 2 a sandbox without networks, the rest is the rotation.
/// The message follows.
/// </summary>
internal static class QuestionTarget
{
    private const byte Stream = 1;
    private const byte Small = 2;
    private const byte Empty = 4;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        byte settings = input[0];
        bool isStream = (settings & Stream) != 0;
        ReadOnlySpan<byte> message = input[1..];
        byte[] reply = new byte[(settings & Small) != 0 ? 512 : ushort.MaxValue];
        SandboxView view = (settings & Empty) != 0 ? FuzzedViews.None : FuzzedViews.Networks;
        AnswerVerdict verdict = Answerer.Answer(view, message, reply, isStream, settings, out int length);
        Invariant.Holds(length <= reply.Length, "a reply is within its buffer");
        bool isQuestion = message.Length >= MessageHeader.LengthBytes && (message[2] & MessageHeader.ReplyBit) == 0;
        Invariant.Holds(isQuestion == (verdict != AnswerVerdict.Drop), "what is shorter than a header or itself a reply is dropped, nothing else is");
        if (verdict == AnswerVerdict.Reply)
        {
            CheckReply(message, reply.AsSpan(0, length), isStream);
            CheckKeepalive(message, reply, length);
        }
        else if (verdict == AnswerVerdict.Forward)
        {
            CheckForwarded(message);
        }
    }

    private static void CheckReply(ReadOnlySpan<byte> message, ReadOnlySpan<byte> reply, bool isStream)
    {
        const byte Echoed = MessageHeader.OpcodeMask | MessageHeader.RecursionDesiredBit;
        Invariant.IsWholeMessage(reply);
        Invariant.Holds(reply[..2].SequenceEqual(message[..2]), "the id comes back");
        Invariant.Holds((reply[2] & MessageHeader.ReplyBit) != 0, "a reply says that it is one");
        Invariant.Holds((reply[2] & Echoed) == (message[2] & Echoed), "opcode and RD come back");
        if (MessageHeader.QuestionCount(reply) == 0)
        {
            Invariant.Holds(reply.Length == MessageHeader.LengthBytes, "without a question there is nothing else");
            return;
        }

        Question question = default;
        QuestionProblem problem = question.Parse(message);
        Invariant.Holds(problem != QuestionProblem.BadQuestion, "a question that comes back was read");
        Invariant.Holds(reply[12..question.End].SequenceEqual(message[12..question.End]), "the question comes back octet by octet");
        Invariant.Holds(isStream || reply.Length <= question.UdpPayloadBytes, "the reply is within what the client can take");
        Invariant.Holds(problem != QuestionProblem.None || Invariant.HasOpt(reply) == question.HasOpt, "OPT comes to who sent it and nobody else");
    }

    private static void CheckKeepalive(ReadOnlySpan<byte> message, Span<byte> buffer, int length)
    {
        int longer = Edns.AppendKeepalive(message, buffer, length, TimeSpan.FromSeconds(10));
        Invariant.Holds(longer == length || longer == length + Edns.KeepaliveLengthBytes, "keepalive is one option or nothing");
        Invariant.IsWholeMessage(buffer[..longer]);
    }

    private static void CheckForwarded(ReadOnlySpan<byte> message)
    {
        byte[] buffer = new byte[512];
        Invariant.Holds(ForwardedMessages.TryWriteUpstreamQuestion(message, 0x4242, buffer, out int length), "what is forwarded is a question");
        ReadOnlySpan<byte> asked = buffer.AsSpan(0, length);
        Invariant.IsWholeMessage(asked);
        Question mine = default;
        Question question = default;
        Invariant.Holds(question.Parse(message) == QuestionProblem.None && mine.Parse(asked) == QuestionProblem.None, "both can be read");
        Invariant.Holds(mine.Name.SequenceEqual(question.Name) && mine.Type == question.Type && mine.Class == question.Class, "the same is asked");
        Invariant.Holds(mine.DnssecOk == question.DnssecOk && mine.HasOpt, "with DO as the client has it");
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        int keyLength = CacheKey.Write(message, in question, UpstreamSet.None, null, key);
        Invariant.Holds(WireNames.EqualFolded(CacheKey.NameOf(key.AsSpan(0, keyLength)), question.Name), "the key has the name");

        ForwardedMessages.WriteServerFailure(message, 22, "no upstream answered"u8, buffer, out length);
        Invariant.IsWholeMessage(buffer.AsSpan(0, length));
        Invariant.Holds((buffer[3] & MessageHeader.RcodeMask) == Rcodes.ServFail, "a failure is a SERVFAIL");
    }
}
