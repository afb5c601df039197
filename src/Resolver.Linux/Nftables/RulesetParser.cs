// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables;

/// <summary>Messages about a ruleset to events (linux/netfilter/nf_tables.h).</summary>
internal static class RulesetParser
{
    private const ushort GenerationId = 1; // NFTA_GEN_ID

    /// <summary>Null for what there is no event for, and for what is no message about a ruleset.</summary>
    internal static RulesetEvent? Parse(in ReceivedMessage message)
    {
        int headerBytes = Marshal.SizeOf<NetfilterHeader>();
        if (message.Payload.Length < headerBytes)
        {
            return null;
        }

        if (message.Type == MessageType.NewGeneration)
        {
            return new RulesetEvent.Committed(message.PortId, Generation(in message));
        }

        (string first, string second, string third) = ("", "", "");
        AttributeReader reader = new(message.Payload[headerBytes..]);
        while (reader.TryRead())
        {
            switch (reader.Type)
            {
                case 1: // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE, NFTA_SET_ELEM_LIST_TABLE
                    first = reader.Text();
                    break;
                case 2: // NFTA_RULE_CHAIN, NFTA_SET_NAME, NFTA_SET_ELEM_LIST_SET
                    second = reader.Text();
                    break;
                case 3 when message.Type is MessageType.NewChain or MessageType.DeleteChain: // NFTA_CHAIN_NAME
                    third = reader.Text();
                    break;
            }
        }

        string table = $"{FamilyOf(message.Payload[0])} {first}";
        return message.Type switch
        {
            MessageType.DeleteTable => new RulesetEvent.TableDeleted(table),
            MessageType.NewChain => new RulesetEvent.ChainAdded(table, third),
            MessageType.DeleteChain => new RulesetEvent.ChainDeleted(table, third),
            MessageType.DeleteRule => new RulesetEvent.RuleDeleted(table, second),
            MessageType.DeleteSet => new RulesetEvent.SetDeleted(table, second),
            MessageType.DeleteElements => new RulesetEvent.ElementsDeleted(table, second),
            _ => null,
        };
    }

    /// <summary>The number in a NFT_MSG_NEWGEN; 0 if it has none.</summary>
    internal static uint Generation(in ReceivedMessage message)
    {
        AttributeReader reader = new(message.Payload[Math.Min(message.Payload.Length, Marshal.SizeOf<NetfilterHeader>())..]);
        while (reader.TryRead())
        {
            if (reader.Type == GenerationId && reader.Value.Length == sizeof(uint))
            {
                return BinaryPrimitives.ReadUInt32BigEndian(reader.Value);
            }
        }

        return 0;
    }

    // linux/netfilter.h: NFPROTO_…
    private static string FamilyOf(byte family) => family switch
    {
        1 => "inet",
        2 => "ip",
        3 => "arp",
        5 => "netdev",
        7 => "bridge",
        10 => "ip6",
        _ => "unknown",
    };
}
