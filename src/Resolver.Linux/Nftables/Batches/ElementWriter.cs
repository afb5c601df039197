// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>Writes elements as the kernel wants them (NFTA_SET_ELEM_LIST_…).</summary>
internal static class ElementWriter
{
    // A message holds all its elements in one attribute, whose length is a number of 16 bits.
    private const int MaxElementsBytes = 32 * 1024;
    private const int MaxLookedForBytes = 4 * 1024; // Each is answered by a message of its own, and all of these must have room in the socket.
    private const int IntervalEnd = 1; // NFT_SET_ELEM_INTERVAL_END
    private const int MaxDataBytes = 64; // NFT_REG32_COUNT registers of four octets

    /// <summary>One message for each set, or more where they are many.</summary>
    internal static IEnumerable<NetlinkWriter> Write(MessageType type, MessageFlags flags, IEnumerable<SetElement> elements)
    {
        bool isLookedFor = type == MessageType.GetElements;
        foreach (IGrouping<NftablesSet, SetElement> group in elements.GroupBy(element => element.Set))
        {
            using IEnumerator<SetElement> next = group.GetEnumerator();
            bool isMore = next.MoveNext();
            while (isMore)
            {
                NetlinkWriter message = new NetlinkWriter(type, flags).Struct(new NetfilterHeader { Family = (byte)group.Key.Family });
                message.Attribute((ushort)ElementListAttribute.Table, group.Key.Table);
                message.Attribute((ushort)ElementListAttribute.Set, group.Key.Name);
                using (message.Nest((ushort)ElementListAttribute.Elements))
                {
                    do
                    {
                        Write(message, next.Current, isLookedFor);
                        isMore = next.MoveNext();
                    }
                    while (isMore && message.LengthBytes < (isLookedFor ? MaxLookedForBytes : MaxElementsBytes));
                }

                yield return message;
            }
        }
    }

    // A range is two elements where the key is one field: its first value, and the first that is not in it any more, which is marked as an end and
    // left out behind the highest number. Where there are several fields it is one, with the lowest and the highest of each.
    private static void Write(NetlinkWriter message, SetElement element, bool isLookedFor)
    {
        bool isConcatenation = element.Key.Length > 1;
        using (message.Nest((ushort)ListAttribute.Element))
        {
            WriteData(message, (ushort)ElementAttribute.Key, element.Key, isLast: false);
            if (element.Set.IsInterval && isConcatenation)
            {
                WriteData(message, (ushort)ElementAttribute.KeyEnd, element.Key, isLast: true);
            }

            if (!element.Value.IsEmpty && !isLookedFor)
            {
                WriteData(message, (ushort)ElementAttribute.Data, element.Value, isLast: false);
            }
        }

        if (element.Set.IsInterval && !isConcatenation && !isLookedFor && Successor(element.Key[0].Last) is { } end)
        {
            using (message.Nest((ushort)ListAttribute.Element))
            {
                message.Attribute((ushort)ElementAttribute.Flags, BinaryPrimitives.ReverseEndianness(IntervalEnd));
                using (message.Nest((ushort)ElementAttribute.Key))
                {
                    message.Attribute((ushort)DataAttribute.Value, end);
                }
            }
        }
    }

    // Each field of several begins at a multiple of four octets.
    private static void WriteData(NetlinkWriter message, ushort attribute, IReadOnlyList<ElementField> fields, bool isLast)
    {
        using (message.Nest(attribute))
        {
            if (fields.Count == 1)
            {
                message.Attribute((ushort)DataAttribute.Value, isLast ? fields[0].Last : fields[0].First);
                return;
            }

            Span<byte> octets = stackalloc byte[MaxDataBytes];
            int length = 0;
            foreach (ElementField field in fields)
            {
                ReadOnlySpan<byte> value = isLast ? field.Last : field.First;
                value.CopyTo(octets[length..]);
                length += (value.Length + 3) & ~3;
            }

            message.Attribute((ushort)DataAttribute.Value, octets[..length]);
        }
    }

    private static byte[]? Successor(ReadOnlySpan<byte> number)
    {
        byte[] next = number.ToArray();
        for (int i = next.Length - 1; i >= 0; i--)
        {
            if (++next[i] != 0)
            {
                return next;
            }
        }

        return null;
    }
}
