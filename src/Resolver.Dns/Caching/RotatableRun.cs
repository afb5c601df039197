// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Wire;

namespace Resolver.Dns.Caching;

/// <summary>
/// The addresses at the end of an answer section, if each takes the same room: they can be moved round as they are, and clients that take the
/// first spread over all. What comes before, such as CNAME, stays in front.
/// </summary>
/// <param name="Start">Where the first begins.</param>
/// <param name="RecordBytes">The room of each.</param>
/// <param name="Count">How many there are; below 2 nothing moves.</param>
internal readonly record struct RotatableRun(int Start, int RecordBytes, int Count)
{
    private const byte PointerBits = 0xC0;
    private const int OwnerAndFixedBytes = 12; // a pointer and TYPE, CLASS, TTL, RDLENGTH

    internal static RotatableRun Of(ReadOnlySpan<byte> reply, int questionEnd)
    {
        RotatableRun run = default;
        RrReader reader = new(reply, questionEnd);
        for (int left = MessageHeader.AnswerCount(reply); left > 0; left--)
        {
            int start = reader.Position;
            if (!reader.TryPass())
            {
                return default;
            }

            // The same owner, written as the same pointer to something in front of the run, stays right wherever a record stands.
            bool isAddress = reader.Type is RrTypes.A or RrTypes.Aaaa && (reply[start] & PointerBits) == PointerBits;
            int length = reader.Position - start;
            bool continues = run.Count > 0 && run.RecordBytes == length && reply.Slice(run.Start, 2).SequenceEqual(reply.Slice(start, 2));
            run = !isAddress || TargetOf(reply[start..]) >= start ? default
                : continues ? run with { Count = run.Count + 1 }
                : new RotatableRun(start, length, 1);
        }

        return run.Count > 1 ? run : default;
    }

    private static int TargetOf(ReadOnlySpan<byte> pointer) => ((pointer[0] & ~PointerBits) << 8) | pointer[1];

    /// <summary>Overwrites the addresses with an octet.</summary>
    internal void FillAddresses(Span<byte> message, byte octet)
    {
        for (int i = 0; i < Count; i++)
        {
            message.Slice(Start + (i * RecordBytes) + OwnerAndFixedBytes, RecordBytes - OwnerAndFixedBytes).Fill(octet);
        }
    }

    /// <summary>Writes the run once more, moved round; leaves it when it was cut to fit.</summary>
    internal void Rotate(ReadOnlySpan<byte> from, Span<byte> to, int end, uint rotation)
    {
        int total = RecordBytes * Count;
        if (Count < 2 || Start + total > end)
        {
            return;
        }

        int shift = (int)(rotation % (uint)Count) * RecordBytes;
        ReadOnlySpan<byte> records = from.Slice(Start, total);
        records[shift..].CopyTo(to[Start..]);
        records[..shift].CopyTo(to[(Start + total - shift)..]);
    }
}
