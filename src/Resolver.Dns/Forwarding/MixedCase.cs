// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding;

/// <summary>The case of letters in a question as one bit per letter more for a forger to guess (draft-vixie-dnsext-dns0x20).</summary>
internal static class MixedCase
{
    /// <summary>Gives the question's name a case of its own.</summary>
    internal static void Mix(Span<byte> question)
    {
        Span<byte> bits = stackalloc byte[WireNames.MaxLengthBytes];
        RandomNumberGenerator.Fill(bits);
        Span<byte> name = NameIn(question);
        for (int i = 0; i < name.Length; i++)
        {
            byte folded = WireNames.Fold(name[i]);
            name[i] = (uint)(folded - 'a') <= 'z' - 'a' && (bits[i] & 1) != 0 ? (byte)(folded & ~0x20) : folded;
        }
    }

    /// <summary>True if a reply repeats the question's case. An error without a question has no case to compare.</summary>
    internal static bool IsRepeated(Span<byte> asked, ReadOnlySpan<byte> reply)
    {
        int length = NameIn(asked).Length;
        return MessageHeader.QuestionCount(reply) == 0
            || asked.Slice(MessageHeader.LengthBytes, length).SequenceEqual(reply.Slice(MessageHeader.LengthBytes, length));
    }

    /// <summary>
    /// Takes the mixed case out of a reply again: the question, and every owner that a server without compression wrote as it was asked, in
    /// whole or from one of its labels on. Clients should see no case but their own.
    /// </summary>
    internal static void TakeOut(ReadOnlySpan<byte> question, Span<byte> reply)
    {
        if (MessageHeader.QuestionCount(reply) == 0 || !WireNames.TryPassPlain(question, MessageHeader.LengthBytes, out int nameEnd))
        {
            return;
        }

        ReadOnlySpan<byte> name = question[MessageHeader.LengthBytes..nameEnd];
        name.CopyTo(reply[MessageHeader.LengthBytes..]);
        RrReader reader = new(reply, nameEnd + 4);
        for (int start = reader.Position; reader.Position < reply.Length && reader.TryPass(); start = reader.Position)
        {
            if (WireNames.TryPassPlain(reply, start, out int ownerEnd))
            {
                Span<byte> owner = reply[start..ownerEnd];
                if (owner.Length <= name.Length && WireNames.IsWithin(name, owner))
                {
                    name[^owner.Length..].CopyTo(owner);
                }
            }
        }
    }

    private static Span<byte> NameIn(Span<byte> question) =>
        WireNames.TryPassPlain(question, MessageHeader.LengthBytes, out int end) ? question[MessageHeader.LengthBytes..end] : default;
}
