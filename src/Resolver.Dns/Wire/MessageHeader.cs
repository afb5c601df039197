// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Resolver.Dns.Wire;

/// <summary>
/// The 12 octets before a message's sections (RFC 1035 §4.1.1), read and written in place:
/// <code>
///  0 id | 2 QR opcode(4) AA TC RD | 3 RA Z AD CD rcode(4) | 4 QDCOUNT | 6 ANCOUNT | 8 NSCOUNT | 10 ARCOUNT
/// </code>
/// </summary>
internal static class MessageHeader
{
    internal const int LengthBytes = 12;

    internal const byte ReplyBit = 0x80; // QR, octet 2
    internal const byte OpcodeMask = 0x78; // octet 2
    internal const byte AuthoritativeBit = 0x04; // AA, octet 2
    internal const byte TruncatedBit = 0x02; // TC, octet 2
    internal const byte RecursionDesiredBit = 0x01; // RD, octet 2
    internal const byte RecursionAvailableBit = 0x80; // RA, octet 3
    internal const byte AuthenticDataBit = 0x20; // AD, octet 3
    internal const byte CheckingDisabledBit = 0x10; // CD, octet 3
    internal const byte RcodeMask = 0x0F; // octet 3

    internal static int QuestionCount(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[4..]);

    internal static int AnswerCount(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[6..]);

    internal static int AuthorityCount(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[8..]);

    internal static int AdditionalCount(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[10..]);

    internal static void SetCounts(Span<byte> message, int questions, int answers, int authorities, int additionals)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], (ushort)questions);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], (ushort)authorities);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], (ushort)additionals);
    }
}
