// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Answering;

/// <summary>
/// The RRs that only prove others: RRSIG, NSEC and NSEC3. Who did not set DO gets none, unless it asked for that type (RFC 4035 §3.2.1); most
/// upstreams send none then, and a reply without any is left as it is.
/// </summary>
internal static class DnssecRecords
{
    private const ushort Nsec3 = 50;
    private const byte PointerBits = 0xC0;

    /// <summary>Takes them out if the question does not want them.</summary>
    /// <param name="question">What the upstream was asked.</param>
    /// <param name="reply">Its well-formed reply.</param>
    /// <returns>The same array if nothing was to be taken out, or if the rest would be too long without its compression.</returns>
    internal static byte[] TakeOut(ReadOnlySpan<byte> question, byte[] reply)
    {
        Question asked = default;
        return asked.Parse(question) == QuestionProblem.None && !asked.DnssecOk && Has(reply, in asked)
            ? new Rewriter(reply, in asked).Run() ?? reply
            : reply;
    }

    /// <summary>True if there is something to take out.</summary>
    /// <param name="question">What the upstream was asked.</param>
    /// <param name="reply">Its reply, well-formed or not.</param>
    internal static bool AreUnwantedIn(ReadOnlySpan<byte> question, ReadOnlySpan<byte> reply)
    {
        Question asked = default;
        return asked.Parse(question) == QuestionProblem.None && !asked.DnssecOk && Has(reply, in asked);
    }

    private static bool IsUnwanted(ushort type, ushort asked) => type is RrTypes.Rrsig or RrTypes.Nsec or Nsec3 && asked != type && asked != RrTypes.Any;

    private static bool Has(ReadOnlySpan<byte> reply, in Question asked)
    {
        RrReader reader = new(reply, asked.End);
        while (reader.Position < reply.Length && reader.TryPass())
        {
            if (IsUnwanted(reader.Type, asked.Type))
            {
                return true;
            }
        }

        return false;
    }

    // With RRs gone, what follows moves, and pointers to it would be wrong: names are written in full, up to a pointer into the question.
    private ref struct Rewriter(byte[] reply, in Question asked)
    {
        private readonly byte[] _reply = reply;
        private readonly byte[] _written = new byte[ushort.MaxValue];
        private readonly int _questionEnd = asked.End;
        private readonly ushort _type = asked.Type;
        private int _length = asked.End;

        internal byte[]? Run()
        {
            _reply.AsSpan(0, _questionEnd).CopyTo(_written);
            RrReader reader = new(_reply, _questionEnd);
            for (int section = 6; section < MessageHeader.LengthBytes; section += 2) // ANCOUNT, NSCOUNT, ARCOUNT
            {
                int kept = 0;
                for (int left = BinaryPrimitives.ReadUInt16BigEndian(_reply.AsSpan(section)); left > 0; left--)
                {
                    int start = reader.Position;
                    if (!reader.TryPass())
                    {
                        return null;
                    }

                    if (IsUnwanted(reader.Type, _type))
                    {
                        continue;
                    }

                    kept++;
                    if (!TryWrite(in reader, start))
                    {
                        return null;
                    }
                }

                BinaryPrimitives.WriteUInt16BigEndian(_written.AsSpan(section), (ushort)kept);
            }

            return _written[.._length];
        }

        private bool TryWrite(in RrReader rr, int start)
        {
            const int TypeClassTtlBytes = 8;
            int rdata = rr.Position - rr.Rdata.Length;
            if (!TryWriteName(start) || !TryCopy(rdata - TypeClassTtlBytes - sizeof(ushort), TypeClassTtlBytes + sizeof(ushort)))
            {
                return false;
            }

            int written = _length;
            if (rr.Class != RrTypes.ClassIn || !RdataShape.TryGet(rr.Type, out RdataShape shape) || shape.Names == 0)
            {
                return TryCopy(rdata, rr.Rdata.Length);
            }

            if (!RdataShape.TryPassHead(rr.Rdata, in shape, out int head) || !TryCopy(rdata, head))
            {
                return false;
            }

            int position = rdata + head;
            for (int i = 0; i < shape.Names; i++)
            {
                if (!TryWriteName(position) || !WireNames.TryPass(_reply, position, out position))
                {
                    return false;
                }
            }

            bool isWritten = TryCopy(position, shape.Suffix);
            BinaryPrimitives.WriteUInt16BigEndian(_written.AsSpan(written - sizeof(ushort)), (ushort)(_length - written));
            return isWritten;
        }

        // The name was passed before, so its pointers end.
        private bool TryWriteName(int position)
        {
            while (true)
            {
                byte length = _reply[position];
                bool isPointer = (length & PointerBits) == PointerBits;
                int target = isPointer ? ((length & ~PointerBits) << 8) | _reply[position + 1] : 0;
                if (isPointer && target >= _questionEnd)
                {
                    position = target;
                    continue;
                }

                if (!TryCopy(position, isPointer ? 2 : 1 + length))
                {
                    return false;
                }

                if (isPointer || length == 0)
                {
                    return true;
                }

                position += 1 + length;
            }
        }

        private bool TryCopy(int start, int count)
        {
            if (_written.Length - _length < count)
            {
                return false;
            }

            _reply.AsSpan(start, count).CopyTo(_written.AsSpan(_length));
            _length += count;
            return true;
        }
    }
}
