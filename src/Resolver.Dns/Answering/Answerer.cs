// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Answering;

/// <summary>Question in, answer out. Allocates, locks and throws nothing.</summary>
public static class Answerer
{
    // Names that no registration changes (RFC 6761); a day, as nothing about them can change.
    private const uint SpecialTtlSeconds = 86400;
    private const uint HostTtlSeconds = 60;
    private const uint InternalTtlSeconds = 5; // A sandbox may be connected to another network at any time.
    private const ushort Blocked = 15; // RFC 8914 §4.16: a policy of who runs the resolver.
    private const ushort NotSupported = 21; // RFC 8914 §4.22

    /// <summary>Answers one message from the zones of a view.</summary>
    /// <param name="view">What the asking sandbox sees.</param>
    /// <param name="message">The received message.</param>
    /// <param name="reply">Where the reply goes; at least 512 octets. Its length is the transport's limit: a UDP reply is also kept within what the client can take.</param>
    /// <param name="isStream">True for TCP: the client's UDP size does not count.</param>
    /// <param name="rotation">Any number that changes from question to question; rotates the addresses.</param>
    /// <param name="length">How much of <paramref name="reply"/> is the reply.</param>
    public static AnswerVerdict Answer(
        SandboxView view, ReadOnlySpan<byte> message, Span<byte> reply, bool isStream, uint rotation, out int length)
    {
        length = 0;
        if (message.Length < MessageHeader.LengthBytes || (message[2] & MessageHeader.ReplyBit) != 0)
        {
            return AnswerVerdict.Drop;
        }

        if ((message[2] & MessageHeader.OpcodeMask) != 0)
        {
            length = ReplyWriter.WriteHeaderOnly(message, Rcodes.NotImp, reply);
            return AnswerVerdict.Reply;
        }

        Question question = default;
        QuestionProblem problem = MessageHeader.QuestionCount(message) == 1 ? question.Parse(message) : QuestionProblem.BadQuestion;
        if (problem == QuestionProblem.BadQuestion)
        {
            length = ReplyWriter.WriteHeaderOnly(message, Rcodes.FormErr, reply);
            return AnswerVerdict.Reply;
        }

        ReplyWriter writer = new(message, in question, reply, isStream);
        int rcode = problem == QuestionProblem.None ? Refusal(in question) : Rcodes.FormErr;
        if (rcode != Rcodes.NoError)
        {
            length = writer.Finish(rcode, isAuthoritative: false, rcode is Rcodes.NotImp or Rcodes.Refused ? NotSupported : null);
            return AnswerVerdict.Reply;
        }

        return TryAnswerSpecial(in question, ref writer, out length)
            || TryAnswerLinked(view, in question, ref writer, rotation, out length)
            || TryAnswerFromZones(view, in question, ref writer, rotation, out length)
            || TryAnswerBelow(view, in question, ref writer, out length)
            || TryAnswerReverse(view, in question, ref writer, out length)
            || TryAnswerNowhere(in question, ref writer, out length)
            || TryAnswerHost(view, in question, ref writer, out length)
            || TryKeep(view, in question, ref writer, out length)
            || TryKeepInside(view, in question, ref writer, out length)
                ? AnswerVerdict.Reply
                : AnswerVerdict.Forward;
    }

    private static int Refusal(in Question question)
    {
        if (question.EdnsVersion > 0)
        {
            return Rcodes.BadVers;
        }

        return question.Type switch
        {
            RrTypes.Opt => Rcodes.FormErr,
            RrTypes.Tkey or RrTypes.Tsig or RrTypes.Ixfr or RrTypes.Axfr or RrTypes.Mailb or RrTypes.Maila => Rcodes.NotImp,
            _ => question.Class == RrTypes.ClassIn ? Rcodes.NoError : Rcodes.Refused,
        };
    }

    private static bool TryAnswerSpecial(in Question question, ref ReplyWriter writer, out int length)
    {
        if (WireNames.EndsWithLabel(question.Name, "localhost"u8))
        {
            length = WriteSpecial(
                in question, ref writer, RrTypes.A, [127, 0, 0, 1], RrTypes.Aaaa, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            return true;
        }

        return TryAnswerSpecialReverse(in question, ref writer, out length);
    }

    // After the networks, for somebody may have called a container onion.
    private static bool TryAnswerNowhere(in Question question, ref ReplyWriter writer, out int length)
    {
        // Nobody has names there (RFC 6761 §6.4, RFC 7686 §2, RFC 9476 §2).
        if (WireNames.EndsWithLabel(question.Name, "invalid"u8) || WireNames.EndsWithLabel(question.Name, "onion"u8)
            || WireNames.EndsWithLabel(question.Name, "alt"u8))
        {
            length = WriteNone(ref writer, Rcodes.NxDomain);
            return true;
        }

        // What is asked of this resolver about itself is not for another to answer (RFC 9462 §6.4): there is no encrypted way to it.
        if (WireNames.IsWithin(question.Name, "\u0008resolver\u0004arpa\0"u8))
        {
            length = WriteNone(ref writer, Rcodes.NoError);
            return true;
        }

        length = 0;
        return false;
    }

    private static bool TryAnswerSpecialReverse(in Question question, ref ReplyWriter writer, out int length)
    {
        bool is4 = ReverseNames.TryParseIPv4(question.Name, out uint address);
        bool is6 = ReverseNames.TryParseIPv6(question.Name, out UInt128 address6);
        if ((is4 && address >> 24 == 127) || (is6 && address6 == UInt128.One))
        {
            length = WriteSpecial(in question, ref writer, RrTypes.Ptr, "\u0009localhost\0"u8, 0, default);
            return true;
        }

        // Addresses without a global meaning have no global name (RFC 6303 §4); the private ones may have one in the site's own DNS.
        if ((is4 && (address >> 24 == 0 || address >> 16 == 0xA9FE || address == uint.MaxValue))
            || (is6 && (address6 == UInt128.Zero || address6 >> 118 == 0x3FA)))
        {
            length = WriteNone(ref writer, Rcodes.NxDomain);
            return true;
        }

        length = 0;
        return false;
    }

    private static int WriteNone(ref ReplyWriter writer, int rcode)
    {
        writer.Authority(SpecialTtlSeconds);
        return writer.Finish(rcode, isAuthoritative: true);
    }

    private static int WriteSpecial(
        in Question question, ref ReplyWriter writer, ushort type, ReadOnlySpan<byte> rdata, ushort otherType, ReadOnlySpan<byte> otherRdata)
    {
        if (question.Type == type)
        {
            writer.TryAnswer(type, SpecialTtlSeconds, rdata);
        }
        else if (question.Type == otherType)
        {
            writer.TryAnswer(otherType, SpecialTtlSeconds, otherRdata);
        }
        else
        {
            writer.Authority(SpecialTtlSeconds);
        }

        return writer.Finish(Rcodes.NoError, isAuthoritative: true);
    }

    // A peer who is not there (yet) has no name here, and nobody else is asked for it: another may have the alias for a name.
    private static bool TryAnswerLinked(SandboxView view, in Question question, ref ReplyWriter writer, uint rotation, out int length)
    {
        length = 0;
        if (view.Linked is not { } linked || !linked.TryFind(question.Name, out LinkedNames.Target target))
        {
            return false;
        }

        if (target.Entry is { } entry)
        {
            length = WriteAddresses(target.Zone.TtlSeconds, entry, in question, ref writer, rotation);
            return true;
        }

        writer.Authority(target.Zone.TtlSeconds);
        length = writer.Finish(Rcodes.NxDomain, isAuthoritative: true);
        return true;
    }

    private static bool TryAnswerFromZones(SandboxView view, in Question question, ref ReplyWriter writer, uint rotation, out int length)
    {
        // The name as it stands in every network first, then split from the right, as Docker does: a name with dots wins over name.network.
        foreach (Zone zone in view.Zones)
        {
            if (zone.TryFind(question.Name, out NameEntry? entry))
            {
                length = WriteAddresses(zone.TtlSeconds, entry, in question, ref writer, rotation);
                return true;
            }
        }

        foreach (Zone zone in view.Zones)
        {
            if (zone.TryFindQualified(question.Name, out NameEntry? entry))
            {
                length = WriteAddresses(zone.TtlSeconds, entry, in question, ref writer, rotation);
                return true;
            }
        }

        length = 0;
        return false;
    }

    // What is asked of a peer before it is used, such as _http._tcp.db and _grpc_config.db: only its own network could know.
    private static bool TryAnswerBelow(SandboxView view, in Question question, ref ReplyWriter writer, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> name = question.Name;
        while (name[0] > 0 && name[1] == (byte)'_')
        {
            name = name[(1 + name[0])..];
        }

        if (name.Length == question.Name.Length)
        {
            return false;
        }

        if (view.Linked is { } linked && linked.TryFind(name, out LinkedNames.Target target))
        {
            writer.Authority(target.Zone.TtlSeconds);
            length = writer.Finish(Rcodes.NxDomain, isAuthoritative: true);
            return true;
        }

        foreach (Zone zone in view.Zones)
        {
            if (zone.TryFind(name, out _) || zone.TryFindQualified(name, out _))
            {
                writer.Authority(zone.TtlSeconds);
                length = writer.Finish(Rcodes.NxDomain, isAuthoritative: true);
                return true;
            }
        }

        return false;
    }

    // The host, by the names that Docker's and Podman's users know, unless somebody registered one of them.
    private static bool TryAnswerHost(SandboxView view, in Question question, ref ReplyWriter writer, out int length)
    {
        length = 0;
        if (view.Host is not { } host
            || !(WireNames.EqualFolded(question.Name, "\u0004host\u0006docker\u0008internal\0"u8)
                || WireNames.EqualFolded(question.Name, "\u0004host\u000Acontainers\u0008internal\0"u8)))
        {
            return false;
        }

        length = WriteAddresses(HostTtlSeconds, host, in question, ref writer, rotation: 0);
        return true;
    }

    // A name without a dot that no network knows is a peer that is not there (yet), and no business of the world outside. Other types, such as the
    // NS of a top-level domain, are asked as ever. A network's own name exists, but has nothing.
    private static bool TryKeep(SandboxView view, in Question question, ref ReplyWriter writer, out int length)
    {
        length = 0;
        if (!view.KeepsSingleLabels || !WireNames.IsSingleLabel(question.Name) || view.Routes?.Find(question.Name) is not null)
        {
            return false;
        }

        bool isOrigin = false;
        foreach (Zone zone in view.Zones)
        {
            isOrigin |= zone.IsOrigin(question.Name);
        }

        if (!isOrigin && question.Type is not (RrTypes.A or RrTypes.Aaaa or RrTypes.Https or RrTypes.Any))
        {
            return false;
        }

        writer.Authority(view.Zones[0].TtlSeconds);
        length = writer.Finish(isOrigin ? Rcodes.NoError : Rcodes.NxDomain, isAuthoritative: true);
        return true;
    }

    // Without a way out there is no world outside to have the name; a failure would make clients try again and wait (musl five seconds).
    private static bool TryKeepInside(SandboxView view, in Question question, ref ReplyWriter writer, out int length)
    {
        length = 0;
        if (!view.IsInternal || view.Routes?.Find(question.Name) is not null || view.Routes?.Default is not null)
        {
            return false;
        }

        writer.Authority(InternalTtlSeconds);
        length = writer.Finish(Rcodes.NxDomain, isAuthoritative: true, Blocked, "internal network: nothing is asked outside"u8);
        return true;
    }

    private static int WriteAddresses(uint ttlSeconds, NameEntry entry, in Question question, ref ReplyWriter writer, uint rotation)
    {
        bool any = question.Type == RrTypes.Any;
        bool written = false;
        if (question.Type == RrTypes.A || (any && entry.IPv4.Length > 0))
        {
            written = WriteRotated(ttlSeconds, RrTypes.A, entry.IPv4, 4, ref writer, rotation);
        }
        else if (question.Type == RrTypes.Aaaa || any)
        {
            // ANY gets one RRset, which is enough (RFC 8482 §4.1).
            written = WriteRotated(ttlSeconds, RrTypes.Aaaa, entry.IPv6, 16, ref writer, rotation);
        }

        if (!written)
        {
            writer.Authority(ttlSeconds);
        }

        return writer.Finish(Rcodes.NoError, isAuthoritative: true);
    }

    private static bool WriteRotated(uint ttlSeconds, ushort type, byte[] addresses, int size, ref ReplyWriter writer, uint rotation)
    {
        int count = addresses.Length / size;
        int start = count > 1 ? (int)(rotation % (uint)count) : 0;
        for (int i = 0; i < count; i++)
        {
            int index = start + i < count ? start + i : start + i - count;
            if (!writer.TryAnswer(type, ttlSeconds, addresses.AsSpan(index * size, size)))
            {
                break;
            }
        }

        return count > 0;
    }

    private static bool TryAnswerReverse(SandboxView view, in Question question, ref ReplyWriter writer, out int length)
    {
        foreach (Zone zone in view.Zones)
        {
            if (!zone.TryFindPointers(question.Name, out byte[][]? targets))
            {
                continue;
            }

            if (question.Type is RrTypes.Ptr or RrTypes.Any)
            {
                for (int i = 0; i < targets.Length && writer.TryAnswer(RrTypes.Ptr, zone.TtlSeconds, targets[i]); i++)
                {
                }
            }
            else
            {
                writer.Authority(zone.TtlSeconds);
            }

            length = writer.Finish(Rcodes.NoError, isAuthoritative: true);
            return true;
        }

        length = 0;
        bool is4 = ReverseNames.TryParseIPv4(question.Name, out uint address);
        bool is6 = ReverseNames.TryParseIPv6(question.Name, out UInt128 address6);
        foreach (Zone zone in view.Zones)
        {
            if ((is4 && zone.Owns(address)) || (is6 && zone.Owns(address6)))
            {
                writer.Authority(zone.TtlSeconds);
                length = writer.Finish(Rcodes.NxDomain, isAuthoritative: true);
                return true;
            }
        }

        return false;
    }
}
