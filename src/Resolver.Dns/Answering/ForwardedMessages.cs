// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Answering;

/// <summary>
/// The messages around forwarding. Client and upstream are separate EDNS transactions (RFC 6891 §6.2.6). Allocates and throws nothing.
/// The client's message was accepted by <see cref="Answerer"/> before (verdict Forward), so its question is well-formed.
/// </summary>
public static class ForwardedMessages
{
    /// <summary>Writes the question for an upstream: our id, RD=1, CD and AD and the DO bit as the client has them, our own OPT (1232 octets).</summary>
    /// <returns>False if the buffer is too small or the client's message is no question.</returns>
    public static bool TryWriteUpstreamQuestion(ReadOnlySpan<byte> clientMessage, ushort id, Span<byte> question, out int length)
    {
        length = 0;
        if (!TryParse(clientMessage, out Question parsed) || question.Length < parsed.End + Edns.OptLengthBytes)
        {
            return false;
        }

        clientMessage[..parsed.End].CopyTo(question);
        BinaryPrimitives.WriteUInt16BigEndian(question, id);
        question[2] = MessageHeader.RecursionDesiredBit;

        // AD always, for the answer is also kept for clients that do want to know (RFC 6840 §5.7).
        question[3] = (byte)((clientMessage[3] & MessageHeader.CheckingDisabledBit) | MessageHeader.AuthenticDataBit);
        MessageHeader.SetCounts(question, 1, 0, 0, 1);
        length = parsed.End + Edns.Write(question[parsed.End..], 0, parsed.DnssecOk);
        return true;
    }

    /// <summary>True if a received datagram is the reply to our question: id, QR, opcode, and the question octet for octet but for case (RFC 5452 §9.1).</summary>
    public static bool IsReplyTo(ReadOnlySpan<byte> upstreamQuestion, ReadOnlySpan<byte> received)
    {
        const byte CheckedBits = MessageHeader.ReplyBit | MessageHeader.OpcodeMask;
        if (received.Length < MessageHeader.LengthBytes || !received[..2].SequenceEqual(upstreamQuestion[..2])
            || (received[2] & CheckedBits) != MessageHeader.ReplyBit || MessageHeader.QuestionCount(received) != 1
            || !TryParse(upstreamQuestion, out Question asked) || received.Length < asked.End)
        {
            return false;
        }

        int nameEnd = asked.End - 4;
        return WireNames.EqualFolded(upstreamQuestion[MessageHeader.LengthBytes..nameEnd], received[MessageHeader.LengthBytes..nameEnd])
            && upstreamQuestion[nameEnd..asked.End].SequenceEqual(received[nameEnd..asked.End]);
    }

    /// <summary>The rcode of a reply (header's four bits) and its TC bit, for the choice of what to do with it.</summary>
    public static (int Rcode, bool IsTruncated) Outcome(ReadOnlySpan<byte> reply) =>
        (reply[3] & MessageHeader.RcodeMask, (reply[2] & MessageHeader.TruncatedBit) != 0);

    /// <summary>True if a reply says what the name has, or that it does not exist.</summary>
    internal static bool IsAnswer(ReadOnlySpan<byte> reply) => Outcome(reply).Rcode is Rcodes.NoError or Rcodes.NxDomain;

    /// <summary>
    /// Writes the client's reply from an upstream's: client's id and question (its case), RA=1, AA=0, AD only if asked for, the upstream's RRs,
    /// OPT exactly if the client sent one, cut to the client's size with TC=1. REFUSED becomes SERVFAIL (musl stalls on REFUSED). DNSSEC RRs come
    /// only to clients with DO, because the upstream is asked with the client's DO.
    /// </summary>
    /// <returns>False if the upstream's reply is malformed (then ask the next, or send SERVFAIL).</returns>
    public static bool TryWriteClientReply(
        ReadOnlySpan<byte> clientMessage, ReadOnlySpan<byte> upstreamReply, Span<byte> reply, bool isStream, out int length)
    {
        length = 0;
        UpstreamSections sections = default;
        if (!TryParse(clientMessage, out Question question) || !sections.TryMeasure(upstreamReply, question.End))
        {
            return false;
        }

        length = WriteClientReply(clientMessage, in question, upstreamReply, in sections, reply, isStream, out _);
        return true;
    }

    /// <summary>The same for a reply that was measured before.</summary>
    /// <param name="clientMessage">The client's message.</param>
    /// <param name="question">The same, parsed.</param>
    /// <param name="upstreamReply">The upstream's message, with a question as long as the client's.</param>
    /// <param name="sections">Where its sections end.</param>
    /// <param name="reply">Where the reply goes.</param>
    /// <param name="isStream">True for TCP.</param>
    /// <param name="end">Behind the RRs that were copied, each at its place; OPT follows if the client sent one.</param>
    /// <returns>The reply's length.</returns>
    internal static int WriteClientReply(
        ReadOnlySpan<byte> clientMessage,
        in Question question,
        ReadOnlySpan<byte> upstreamReply,
        in UpstreamSections sections,
        Span<byte> reply,
        bool isStream,
        out int end)
    {
        int optLength = question.HasOpt ? Edns.OptLengthBytes : 0;
        int limit = Math.Min(reply.Length, isStream ? ushort.MaxValue : question.UdpPayloadBytes) - optLength;
        (end, int answers, int authorities, int additionals, bool cut) = sections.Fit(upstreamReply, limit);

        // Header and question are as long as the upstream's, so compression pointers in what is copied stay right.
        upstreamReply[question.End..end].CopyTo(reply[question.End..]);
        clientMessage[..question.End].CopyTo(reply);
        WriteFlags(clientMessage, upstreamReply, in question, Translate(sections.ExtendedRcode), reply);
        if (cut)
        {
            reply[2] |= MessageHeader.TruncatedBit;
        }

        MessageHeader.SetCounts(reply, 1, answers, authorities, additionals + (question.HasOpt ? 1 : 0));
        return end + (question.HasOpt ? Edns.Write(reply[end..], 0, question.DnssecOk) : 0);
    }

    /// <summary>Writes SERVFAIL for the client, with an Extended DNS Error (RFC 8914) if it sent OPT.</summary>
    /// <param name="clientMessage">The client's message.</param>
    /// <param name="infoCode">22 no reachable authority, 23 network error, 0 other.</param>
    /// <param name="extraText">ASCII, short; may be empty.</param>
    /// <param name="reply">At least 512 octets.</param>
    /// <param name="length">How much of it is the reply.</param>
    public static void WriteServerFailure(
        ReadOnlySpan<byte> clientMessage, ushort infoCode, ReadOnlySpan<byte> extraText, Span<byte> reply, out int length)
    {
        if (!TryParse(clientMessage, out Question question))
        {
            length = ReplyWriter.WriteHeaderOnly(clientMessage, Rcodes.ServFail, reply);
            return;
        }

        ReplyWriter writer = new(clientMessage, in question, reply, isStream: false);
        length = writer.Finish(Rcodes.ServFail, isAuthoritative: false);
        if (question.HasOpt)
        {
            int start = length - Edns.OptLengthBytes;
            length = start + Edns.AppendExtendedError(reply[start..], infoCode, extraText);
        }
    }

    /// <summary>
    /// The reply that stands for silence: that nobody answers is kept as well (RFC 9520 §3.2), so that a client that asks again does not wait for
    /// as long once more.
    /// </summary>
    /// <param name="upstreamQuestion">As <see cref="TryWriteUpstreamQuestion"/> wrote it.</param>
    internal static byte[] Unanswered(ReadOnlySpan<byte> upstreamQuestion)
    {
        byte[] failure = upstreamQuestion[..^Edns.OptLengthBytes].ToArray();
        failure[2] |= MessageHeader.ReplyBit;
        failure[3] |= Rcodes.ServFail;
        MessageHeader.SetCounts(failure, 1, 0, 0, 0);
        return failure;
    }

    private static bool TryParse(ReadOnlySpan<byte> message, out Question question)
    {
        question = default;
        return message.Length >= MessageHeader.LengthBytes && MessageHeader.QuestionCount(message) == 1
            && question.Parse(message) == QuestionProblem.None;
    }

    // What has no name below 16 has none for a client without EDNS; and REFUSED, NOTIMP and FORMERR are between us and the upstream.
    private static int Translate(int rcode) =>
        rcode is Rcodes.NoError or Rcodes.NxDomain || (rcode is > Rcodes.Refused and < 16) ? rcode : Rcodes.ServFail;

    private static void WriteFlags(
        ReadOnlySpan<byte> clientMessage, ReadOnlySpan<byte> upstreamReply, in Question question, int rcode, Span<byte> reply)
    {
        byte asked = clientMessage[3];
        bool wantsAuthentic = question.DnssecOk || (asked & MessageHeader.AuthenticDataBit) != 0;
        int authentic = wantsAuthentic ? upstreamReply[3] & MessageHeader.AuthenticDataBit : 0;
        reply[2] = (byte)(MessageHeader.ReplyBit | (clientMessage[2] & MessageHeader.RecursionDesiredBit)
            | (upstreamReply[2] & MessageHeader.TruncatedBit));
        reply[3] = (byte)(MessageHeader.RecursionAvailableBit | authentic | (asked & MessageHeader.CheckingDisabledBit) | rcode);
    }
}
