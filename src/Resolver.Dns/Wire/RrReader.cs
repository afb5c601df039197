// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Resolver.Dns.Wire;

/// <summary>Passes RRs one by one; a position moves only when a whole RR was there.</summary>
internal ref struct RrReader
{
    private const int FixedLengthBytes = 10; // TYPE(2) + CLASS(2) + TTL(4) + RDLENGTH(2), RFC 1035 §4.1.3

    private readonly ReadOnlySpan<byte> _message;

    internal RrReader(ReadOnlySpan<byte> message, int position)
    {
        _message = message;
        Position = position;
    }

    /// <summary>Behind the last RR that was passed.</summary>
    internal int Position { get; private set; }

    internal ushort Type { get; private set; }

    /// <summary>CLASS; in OPT the sender's UDP size.</summary>
    internal ushort Class { get; private set; }

    /// <summary>TTL; in OPT extended rcode, version and flags.</summary>
    internal uint Ttl { get; private set; }

    /// <summary>True if the owner is the root, written as one zero octet.</summary>
    internal bool OwnerIsRoot { get; private set; }

    internal ReadOnlySpan<byte> Rdata { get; private set; }

    /// <summary>True if the RDATA of the last RR is what its type says: an A of four octets, names that end within it, whole strings.</summary>
    internal readonly bool HasWellFormedRdata => RdataForm.IsWellFormed(_message, Position - Rdata.Length, Position, Type);

    internal bool TryPass()
    {
        if (!WireNames.TryPass(_message, Position, out int fixedPart) || _message.Length - fixedPart < FixedLengthBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _message[fixedPart..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]);
        if (rest.Length - FixedLengthBytes < length)
        {
            return false;
        }

        OwnerIsRoot = _message[Position] == 0;
        Type = BinaryPrimitives.ReadUInt16BigEndian(rest);
        Class = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        Ttl = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
        Rdata = rest.Slice(FixedLengthBytes, length);
        Position = fixedPart + FixedLengthBytes + length;
        return true;
    }
}
