// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Answering;
using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;

namespace Resolver.Fuzzing.Targets;

/// <summary>
/// What an upstream sends. Octet 0: bit 0 the client came by TCP, bit 1 the buffer is small, bits 2 and 3 the reply's age in the cache, bits 4 to
/// 6 the client's question. The upstream's message follows. It is judged as it came, then with the id and the question of one that is accepted, so
/// that every input reaches what lies behind.
/// </summary>
internal static class ReplyTarget
{
    private const byte Stream = 1;
    private const byte Small = 2;

    private static readonly TimeSpan[] Ages = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(59.9), TimeSpan.FromDays(2)];

    private readonly record struct Asked(byte[] Message, byte[] Upstream, int End);

    private static readonly Asked[] Clients = [.. FuzzedQuestions.Outside.Select(Ask)];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length <= MessageHeader.LengthBytes)
        {
            return;
        }

        byte settings = input[0];
        Asked asked = Clients[(settings >> 4) % Clients.Length];
        byte[] reply = input[1..].ToArray();
        if (Exchange.IsAnswerTo(asked.Upstream, reply))
        {
            Invariant.Holds((reply[2] & MessageHeader.ReplyBit) != 0, "an answer is a reply");
            Invariant.Holds(reply.AsSpan(0, 2).SequenceEqual(asked.Upstream.AsSpan(0, 2)), "an answer has our id");
            Write(asked, reply, settings);
        }

        if (reply.Length >= asked.End)
        {
            asked.Upstream.AsSpan(12..asked.End).CopyTo(reply.AsSpan(12));
            asked.Upstream.AsSpan(..2).CopyTo(reply);
            reply[2] = (byte)((reply[2] & ~MessageHeader.OpcodeMask) | MessageHeader.ReplyBit);
            (reply[4], reply[5]) = (0, 1);
            Invariant.Holds(Exchange.IsAnswerTo(asked.Upstream, reply), "this answers");
            Write(asked, reply, settings);
        }
    }

    private static void Write(in Asked asked, byte[] upstreamReply, byte settings)
    {
        bool isStream = (settings & Stream) != 0;
        byte[] buffer = new byte[(settings & Small) != 0 ? 512 : ushort.MaxValue];
        bool isWhole = ForwardedMessages.TryWriteClientReply(asked.Message, upstreamReply, buffer, isStream, out int length);
        if (isWhole)
        {
            Check(asked.Message, buffer.AsSpan(0, length), isStream);
        }

        Question question = default;
        Invariant.Holds(question.Parse(asked.Message) == QuestionProblem.None, "the client's question is one");
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        key = key[..CacheKey.Write(asked.Message, in question, UpstreamSet.None, null, key)];
        if (CachedReply.TryMake(key, question.Type, question.End, upstreamReply, 0) is not { } kept)
        {
            return;
        }

        Invariant.Holds(isWhole, "what is malformed is not kept");
        TimeSpan age = Ages[(settings >> 2) % Ages.Length];
        length = kept.Write(asked.Message, in question, age, (uint)upstreamReply.Length, buffer, isStream);
        Check(asked.Message, buffer.AsSpan(0, length), isStream);
        CheckTtls(kept, asked.Message, age);
    }

    private static void Check(ReadOnlySpan<byte> message, ReadOnlySpan<byte> reply, bool isStream)
    {
        Question question = default;
        question.Parse(message);
        Invariant.IsWholeMessage(reply);
        Invariant.Holds(reply[..2].SequenceEqual(message[..2]), "the client's id");
        Invariant.Holds(reply[12..question.End].SequenceEqual(message[12..question.End]), "the client's question in its own case");
        Invariant.Holds(isStream || reply.Length <= question.UdpPayloadBytes, "within what the client can take");
        Invariant.Holds(Invariant.HasOpt(reply) == question.HasOpt, "OPT comes to who sent it and nobody else");
        Invariant.Holds((reply[2] & ~(MessageHeader.TruncatedBit | MessageHeader.RecursionDesiredBit)) == MessageHeader.ReplyBit, "QR alone, and no AA");
        Invariant.Holds((reply[3] & MessageHeader.RecursionAvailableBit) != 0, "RA");
        int rcode = reply[3] & MessageHeader.RcodeMask;
        Invariant.Holds(rcode is not (Rcodes.FormErr or Rcodes.NotImp or Rcodes.Refused), "what is between us and the upstream stays there");
    }

    // Unrotated and uncut, so that RRs stand where they stood.
    private static void CheckTtls(CachedReply kept, ReadOnlySpan<byte> message, TimeSpan age)
    {
        Question question = default;
        question.Parse(message);
        byte[] young = new byte[ushort.MaxValue];
        byte[] old = new byte[ushort.MaxValue];
        kept.Write(message, in question, TimeSpan.Zero, 0, young, isStream: true);
        kept.Write(message, in question, age, 0, old, isStream: true);
        RrReader before = new(young, question.End);
        RrReader after = new(old, question.End);
        for (int i = MessageHeader.AnswerCount(young) + MessageHeader.AuthorityCount(young); i > 0; i--)
        {
            Invariant.Holds(before.TryPass() && after.TryPass(), "the same RRs whatever the age");
            Invariant.Holds(before.Ttl <= ReplyLifetime.MaxTtlSeconds, "no TTL over a day");
            Invariant.Holds(!kept.IsFresh(age) || after.Ttl == before.Ttl - Math.Min(before.Ttl, (uint)age.TotalSeconds), "TTLs count down");
        }
    }

    private static Asked Ask(byte[] message)
    {
        byte[] buffer = new byte[512];
        Invariant.Holds(ForwardedMessages.TryWriteUpstreamQuestion(message, 0x4242, buffer, out int length), "these are questions");
        Question question = default;
        question.Parse(message);
        return new(message, buffer[..length], question.End);
    }
}
