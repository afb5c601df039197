// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;

namespace Resolver.Dns.Wire;

/// <summary>Why a message can't be answered as a question.</summary>
internal enum QuestionProblem
{
    /// <summary>It can.</summary>
    None,

    /// <summary>The question itself can't be read: a reply can't repeat it.</summary>
    BadQuestion,

    /// <summary>The question is fine, what follows is not.</summary>
    BadRest,
}

/// <summary>A received question, parsed in place.</summary>
internal ref struct Question
{
    /// <summary>The name with its zero, in the case it was asked in.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    internal ushort Type { get; private set; }

    internal ushort Class { get; private set; }

    /// <summary>Behind the question section.</summary>
    internal int End { get; private set; }

    internal bool HasOpt { get; private set; }

    internal byte EdnsVersion { get; private set; }

    internal bool DnssecOk { get; private set; }

    /// <summary>True if the client asks how long a connection may be idle (edns-tcp-keepalive, RFC 7828).</summary>
    internal bool AsksForKeepalive { get; private set; }

    /// <summary>What the client can take by UDP, 512 and up.</summary>
    internal int UdpPayloadBytes { get; private set; }

    /// <summary>Parses a message of at least 12 octets whose QDCOUNT is 1. Octets behind the last RR are ignored.</summary>
    internal QuestionProblem Parse(ReadOnlySpan<byte> message)
    {
        UdpPayloadBytes = Edns.MinUdpPayloadBytes;
        if (!WireNames.TryPassPlain(message, MessageHeader.LengthBytes, out int nameEnd) || message.Length - nameEnd < 4)
        {
            return QuestionProblem.BadQuestion;
        }

        Name = message[MessageHeader.LengthBytes..nameEnd];
        Type = BinaryPrimitives.ReadUInt16BigEndian(message[nameEnd..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(message[(nameEnd + 2)..]);
        End = nameEnd + 4;
        int before = MessageHeader.AnswerCount(message) + MessageHeader.AuthorityCount(message);
        int total = before + MessageHeader.AdditionalCount(message);
        return total == 0 || TryReadRest(message, before, total) ? QuestionProblem.None : QuestionProblem.BadRest;
    }

    private bool TryReadRest(ReadOnlySpan<byte> message, int before, int total)
    {
        // Each RR takes at least 11 octets, so a count that the message can't hold ends the loop early.
        RrReader reader = new(message, End);
        for (int i = 0; i < total; i++)
        {
            if (!reader.TryPass())
            {
                return false;
            }

            if (reader.Type != RrTypes.Opt)
            {
                continue;
            }

            // One OPT, owned by the root, in the additional section (RFC 6891 §6.1.1).
            if (HasOpt || i < before || !reader.OwnerIsRoot || !TryReadOptions(reader.Rdata))
            {
                return false;
            }

            HasOpt = true;
            UdpPayloadBytes = Math.Max(reader.Class, Edns.MinUdpPayloadBytes);
            EdnsVersion = (byte)(reader.Ttl >> 16);
            DnssecOk = (reader.Ttl & Edns.DnssecOk) != 0;
        }

        return true;
    }

    // Options that are not known are passed over, but must be whole (RFC 6891 §6.1.2).
    private bool TryReadOptions(ReadOnlySpan<byte> options)
    {
        while (options.Length >= Edns.OptionHeaderBytes)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (options.Length - Edns.OptionHeaderBytes < length)
            {
                return false;
            }

            AsksForKeepalive |= BinaryPrimitives.ReadUInt16BigEndian(options) == Edns.KeepaliveOption;
            options = options[(Edns.OptionHeaderBytes + length)..];
        }

        return options.IsEmpty;
    }
}
