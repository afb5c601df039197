// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;

namespace Resolver.Linux.Netlink.Conntrack;

/// <summary>IPCTNL_MSG_CT_NEW to <see cref="Flow"/> (linux/netfilter/nfnetlink_conntrack.h).</summary>
internal static class FlowParser
{
    internal const ushort OriginalTuple = 1; // CTA_TUPLE_ORIG
    internal const int HeaderLengthBytes = 4; // struct nfgenmsg: family, version, resource id

    private const ushort ReplyTuple = 2; // CTA_TUPLE_REPLY
    private const ushort Address = 1; // CTA_TUPLE_IP
    private const ushort Transport = 2; // CTA_TUPLE_PROTO

    internal static Flow? Parse(in ReceivedMessage message)
    {
        if (message.Type != MessageType.NewFlow || message.Payload.Length < HeaderLengthBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> original = default;
        ReadOnlySpan<byte> reply = default;
        AttributeReader attributes = new(message.Payload[HeaderLengthBytes..]);
        while (attributes.TryRead())
        {
            switch (attributes.Type)
            {
                case OriginalTuple:
                    original = attributes.Value;
                    break;
                case ReplyTuple:
                    reply = attributes.Value;
                    break;
                default:
                    break;
            }
        }

        Tuple sent = Read(original);
        Tuple answered = Read(reply);
        return sent.Destination is null || answered.Source is null ? null : new Flow
        {
            Protocol = sent.Protocol,
            Destination = new IPEndPoint(sent.Destination, sent.DestinationPort),
            Responder = new IPEndPoint(answered.Source, answered.SourcePort),
            Original = original.ToArray(),
        };
    }

    private static Tuple Read(ReadOnlySpan<byte> nested)
    {
        Tuple tuple = default;
        AttributeReader attributes = new(nested);
        while (attributes.TryRead())
        {
            switch (attributes.Type)
            {
                case Address:
                    ReadAddresses(attributes.Value, ref tuple);
                    break;
                case Transport:
                    ReadTransport(attributes.Value, ref tuple);
                    break;
                default:
                    break;
            }
        }

        return tuple;
    }

    private static void ReadAddresses(ReadOnlySpan<byte> nested, ref Tuple tuple)
    {
        AttributeReader attributes = new(nested);
        while (attributes.TryRead())
        {
            if (attributes.Value.Length is not (4 or 16))
            {
                continue;
            }

            // CTA_IP_V4_SRC 1, CTA_IP_V4_DST 2, CTA_IP_V6_SRC 3, CTA_IP_V6_DST 4.
            switch (attributes.Type)
            {
                case 1 or 3:
                    tuple.Source = new IPAddress(attributes.Value);
                    break;
                case 2 or 4:
                    tuple.Destination = new IPAddress(attributes.Value);
                    break;
                default:
                    break;
            }
        }
    }

    private static void ReadTransport(ReadOnlySpan<byte> nested, ref Tuple tuple)
    {
        AttributeReader attributes = new(nested);
        while (attributes.TryRead())
        {
            // CTA_PROTO_NUM 1, CTA_PROTO_SRC_PORT 2, CTA_PROTO_DST_PORT 3; ports in network order.
            switch (attributes.Type)
            {
                case 1 when attributes.Value.Length >= 1:
                    tuple.Protocol = attributes.Value[0];
                    break;
                case 2 when attributes.Value.Length >= 2:
                    tuple.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(attributes.Value);
                    break;
                case 3 when attributes.Value.Length >= 2:
                    tuple.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(attributes.Value);
                    break;
                default:
                    break;
            }
        }
    }

    private struct Tuple
    {
        internal IPAddress? Source;
        internal IPAddress? Destination;
        internal ushort SourcePort;
        internal ushort DestinationPort;
        internal byte Protocol;
    }
}
