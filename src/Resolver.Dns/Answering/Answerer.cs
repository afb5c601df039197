// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Zones;

namespace Resolver.Dns.Answering;

/// <summary>Question in, answer out. Allocates, locks and throws nothing.</summary>
public static class Answerer
{
    /// <summary>Answers one message from the zones of a view.</summary>
    /// <param name="view">What the asking sandbox sees.</param>
    /// <param name="message">The received message.</param>
    /// <param name="reply">Where the reply goes; at least 512 octets. Its length is the transport's limit: a UDP reply is also kept within what the client can take.</param>
    /// <param name="isStream">True for TCP: the client's UDP size does not count.</param>
    /// <param name="rotation">Any number that changes from question to question; rotates the addresses.</param>
    /// <param name="length">How much of <paramref name="reply"/> is the reply.</param>
    public static AnswerVerdict Answer(
        SandboxView view, ReadOnlySpan<byte> message, Span<byte> reply, bool isStream, uint rotation, out int length) =>
        throw new NotImplementedException();
}
