// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Resolver.Dns.Wire;

/// <summary>The OPT pseudo-RR (RFC 6891 §6.1.2). Our own carries no option unless there is an error to explain.</summary>
internal static class Edns
{
    /// <summary>What we can take and what we send to upstreams: fits every path without fragments (DNS flag day 2020).</summary>
    internal const ushort UdpPayloadBytes = 1232;

    internal const int OptLengthBytes = 11;

    /// <summary>OPT with an Extended DNS Error without text.</summary>
    internal const int ExtendedErrorLengthBytes = OptLengthBytes + 6;

    /// <summary>OPTION-CODE and OPTION-LENGTH.</summary>
    internal const int OptionHeaderBytes = 4;

    internal const ushort KeepaliveOption = 11; // RFC 7828 §3.1
    internal const int KeepaliveLengthBytes = OptionHeaderBytes + 2;
    internal const ushort DnssecOk = 0x8000; // DO, RFC 3225 §3
    internal const ushort MinUdpPayloadBytes = 512;

    private const ushort ExtendedErrorOption = 15; // RFC 8914 §2

    /// <summary>Writes an OPT without options.</summary>
    internal static int Write(Span<byte> destination, int extendedRcode, bool dnssecOk)
    {
        destination[..OptLengthBytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], RrTypes.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], UdpPayloadBytes);
        destination[5] = (byte)(extendedRcode >> 4);
        BinaryPrimitives.WriteUInt16BigEndian(destination[7..], dnssecOk ? DnssecOk : (ushort)0);
        return OptLengthBytes;
    }

    /// <summary>
    /// Appends edns-tcp-keepalive (RFC 7828 §3.3.2) to a reply that ends with its OPT, if the question asked for it and there is room.
    /// </summary>
    /// <param name="question">The client's message, which was answered.</param>
    /// <param name="reply">Where the reply is.</param>
    /// <param name="length">Its length.</param>
    /// <param name="idle">How long the connection may be idle.</param>
    /// <returns>The reply's length from now on.</returns>
    internal static int AppendKeepalive(ReadOnlySpan<byte> question, Span<byte> reply, int length, TimeSpan idle)
    {
        Question asked = default;
        if (question.Length < MessageHeader.LengthBytes || MessageHeader.QuestionCount(question) != 1
            || asked.Parse(question) != QuestionProblem.None || !asked.AsksForKeepalive || reply.Length - length < KeepaliveLengthBytes)
        {
            return length;
        }

        RrReader reader = new(reply[..length], asked.End);
        while (reader.Position < length && reader.TryPass())
        {
        }

        if (reader.Type != RrTypes.Opt || reader.Position != length)
        {
            return length;
        }

        BinaryPrimitives.WriteUInt16BigEndian(reply[(length - reader.Rdata.Length - 2)..], (ushort)(reader.Rdata.Length + KeepaliveLengthBytes));
        Span<byte> option = reply[length..];
        BinaryPrimitives.WriteUInt16BigEndian(option, KeepaliveOption);
        BinaryPrimitives.WriteUInt16BigEndian(option[2..], 2);
        BinaryPrimitives.WriteUInt16BigEndian(option[4..], (ushort)(idle.TotalMilliseconds / 100)); // in units of 100 ms
        return length + KeepaliveLengthBytes;
    }

    /// <summary>Appends an Extended DNS Error (RFC 8914) to an OPT that was just written.</summary>
    /// <returns>The OPT's length with it.</returns>
    internal static int AppendExtendedError(Span<byte> opt, ushort infoCode, ReadOnlySpan<byte> extraText)
    {
        int dataLength = 6 + extraText.Length;
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], (ushort)dataLength);
        Span<byte> option = opt[OptLengthBytes..];
        BinaryPrimitives.WriteUInt16BigEndian(option, ExtendedErrorOption);
        BinaryPrimitives.WriteUInt16BigEndian(option[2..], (ushort)(2 + extraText.Length));
        BinaryPrimitives.WriteUInt16BigEndian(option[4..], infoCode);
        extraText.CopyTo(option[6..]);
        return OptLengthBytes + dataLength;
    }
}
