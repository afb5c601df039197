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
