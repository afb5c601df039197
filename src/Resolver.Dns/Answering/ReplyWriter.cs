// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Answering;

/// <summary>
/// Writes a reply behind a copy of the question's header and question section. Every owner is the question's name, so every owner is the pointer
/// to octet 12. Room for OPT is set aside from the start: truncation never costs it (RFC 6891 §7).
/// </summary>
internal ref struct ReplyWriter
{
    private const ushort QuestionPointer = 0xC00C;

    private readonly Span<byte> _reply;
    private readonly bool _hasOpt;
    private readonly bool _dnssecOk;
    private readonly bool _isSoaAsked;
    private readonly int _limit;
    private int _length;
    private int _answers;
    private int _authorities;
    private bool _isTruncated;

    /// <summary>Starts the reply to a question that was parsed.</summary>
    internal ReplyWriter(ReadOnlySpan<byte> message, in Question question, Span<byte> reply, bool isStream)
    {
        _reply = reply;
        _hasOpt = question.HasOpt;
        _dnssecOk = question.DnssecOk;
        _isSoaAsked = question.Type == RrTypes.Soa;
        int limit = isStream ? ushort.MaxValue : question.UdpPayloadBytes;
        _limit = Math.Min(limit, reply.Length) - (_hasOpt ? Edns.OptLengthBytes : 0);
        message[..question.End].CopyTo(reply);
        _length = question.End;
    }

    /// <summary>A reply of the header alone, for what can't be read (FORMERR) or is not done here (NOTIMP).</summary>
    internal static int WriteHeaderOnly(ReadOnlySpan<byte> message, int rcode, Span<byte> reply)
    {
        message[..MessageHeader.LengthBytes].CopyTo(reply);
        reply[2] = (byte)(MessageHeader.ReplyBit | (message[2] & (MessageHeader.OpcodeMask | MessageHeader.RecursionDesiredBit)));
        reply[3] = (byte)(MessageHeader.RecursionAvailableBit | rcode);
        MessageHeader.SetCounts(reply, 0, 0, 0, 0);
        return MessageHeader.LengthBytes;
    }

    /// <summary>Adds an RR to the answer section; false (and TC) when it does not fit.</summary>
    internal bool TryAnswer(ushort type, uint ttlSeconds, scoped ReadOnlySpan<byte> rdata)
    {
        if (!TryWrite(type, ttlSeconds, rdata))
        {
            _isTruncated = true;
            return false;
        }

        _answers++;
        return true;
    }

    /// <summary>
    /// Adds the SOA that lets a negative answer be cached (RFC 2308 §3). Its owner is the question's name itself: every name here is its own apex,
    /// because <c>db</c> has no parent in a network, and a cache accepts only an owner that the name ends in. Who asks for the SOA of a name that
    /// exists gets it as the answer.
    /// </summary>
    internal void Authority(uint ttlSeconds)
    {
        // MNAME resolver., RNAME hostmaster.resolver., SERIAL 1, REFRESH 3600, RETRY 600, EXPIRE 86400, MINIMUM.
        ReadOnlySpan<byte> names = "\u0008resolver\0\u000Ahostmaster\u0008resolver\0"u8;
        Span<byte> rdata = stackalloc byte[names.Length + 20];
        names.CopyTo(rdata);
        Span<byte> numbers = rdata[names.Length..];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, 1);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], 3600);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], 600);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], 86400);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], ttlSeconds);
        if (TryWrite(RrTypes.Soa, ttlSeconds, rdata))
        {
            _authorities++;
        }
    }

    /// <summary>Writes header and OPT.</summary>
    /// <param name="rcode">All twelve bits.</param>
    /// <param name="isAuthoritative">AA.</param>
    /// <param name="infoCode">The Extended DNS Error (RFC 8914) for who sent OPT; null for none. Only for replies without more than
    /// an SOA, which leave it room within 512 octets.</param>
    /// <param name="extraText">What the error says to people, at most 64 octets.</param>
    /// <returns>The reply's length.</returns>
    internal int Finish(int rcode, bool isAuthoritative, ushort? infoCode = null, ReadOnlySpan<byte> extraText = default)
    {
        if (_isSoaAsked && rcode == Rcodes.NoError && _answers == 0)
        {
            (_answers, _authorities) = (_authorities, 0);
        }

        byte kept = (byte)(_reply[2] & (MessageHeader.OpcodeMask | MessageHeader.RecursionDesiredBit));
        _reply[2] = (byte)(MessageHeader.ReplyBit | kept | (isAuthoritative ? MessageHeader.AuthoritativeBit : 0)
            | (_isTruncated ? MessageHeader.TruncatedBit : 0));
        _reply[3] = (byte)(MessageHeader.RecursionAvailableBit | (_reply[3] & MessageHeader.CheckingDisabledBit) | (rcode & MessageHeader.RcodeMask));
        MessageHeader.SetCounts(_reply, 1, _answers, _authorities, _hasOpt ? 1 : 0);
        if (_hasOpt)
        {
            Span<byte> opt = _reply[_length..];
            _length += Edns.Write(opt, rcode, _dnssecOk);
            _length += infoCode is { } code ? Edns.AppendExtendedError(opt, code, extraText) - Edns.OptLengthBytes : 0;
        }

        return _length;
    }

    private bool TryWrite(ushort type, uint ttlSeconds, scoped ReadOnlySpan<byte> rdata)
    {
        if (_length + 12 + rdata.Length > _limit)
        {
            return false;
        }

        Span<byte> rr = _reply[_length..];
        BinaryPrimitives.WriteUInt16BigEndian(rr, QuestionPointer);
        BinaryPrimitives.WriteUInt16BigEndian(rr[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(rr[4..], RrTypes.ClassIn);
        BinaryPrimitives.WriteUInt32BigEndian(rr[6..], ttlSeconds);
        BinaryPrimitives.WriteUInt16BigEndian(rr[10..], (ushort)rdata.Length);
        rdata.CopyTo(rr[12..]);
        _length += 12 + rdata.Length;
        return true;
    }
}
