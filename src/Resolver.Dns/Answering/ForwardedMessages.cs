// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Answering;

/// <summary>
/// The messages around forwarding. Client and upstream are separate EDNS transactions (RFC 6891 §6.2.6). Allocates and throws nothing.
/// The client's message was accepted by <see cref="Answerer"/> before (verdict Forward), so its question is well-formed.
/// </summary>
public static class ForwardedMessages
{
    /// <summary>Writes the question for an upstream: our id, RD=1, CD and AD and the DO bit as the client has them, our own OPT (1232 octets).</summary>
    public static bool TryWriteUpstreamQuestion(ReadOnlySpan<byte> clientMessage, ushort id, Span<byte> question, out int length) =>
        throw new NotImplementedException();

    /// <summary>True if a received datagram is the reply to our question: id, QR, opcode, and the question octet for octet but for case (RFC 5452 §9.1).</summary>
    public static bool IsReplyTo(ReadOnlySpan<byte> upstreamQuestion, ReadOnlySpan<byte> received) => throw new NotImplementedException();

    /// <summary>The rcode of a reply (header's four bits) and its TC bit, for the choice of what to do with it.</summary>
    public static (int Rcode, bool IsTruncated) Outcome(ReadOnlySpan<byte> reply) => throw new NotImplementedException();

    /// <summary>
    /// Writes the client's reply from an upstream's: client's id and question (its case), RA=1, AA=0, AD only if asked for, the upstream's RRs,
    /// OPT exactly if the client sent one, DNSSEC RRs only with DO, cut to the client's size with TC=1. REFUSED becomes SERVFAIL (musl stalls on REFUSED).
    /// </summary>
    /// <returns>False if the upstream's reply is malformed (then ask the next, or send SERVFAIL).</returns>
    public static bool TryWriteClientReply(
        ReadOnlySpan<byte> clientMessage, ReadOnlySpan<byte> upstreamReply, Span<byte> reply, bool isStream, out int length) =>
        throw new NotImplementedException();

    /// <summary>Writes SERVFAIL for the client, with an Extended DNS Error (RFC 8914) if it sent OPT.</summary>
    /// <param name="clientMessage">The client's message.</param>
    /// <param name="infoCode">22 no reachable authority, 23 network error, 0 other.</param>
    /// <param name="extraText">ASCII, short; may be empty.</param>
    /// <param name="reply">At least 512 octets.</param>
    /// <param name="length">How much of it is the reply.</param>
    public static void WriteServerFailure(
        ReadOnlySpan<byte> clientMessage, ushort infoCode, ReadOnlySpan<byte> extraText, Span<byte> reply, out int length) =>
        throw new NotImplementedException();
}
