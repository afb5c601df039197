// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>
/// Changes of a ruleset that happen together or not at all: one transaction of nf_tables, in the order in which they are written. For what is
/// changed all the time, elements above all: written here it costs a tenth of the same as text for libnftables, which reads the ruleset first.
/// </summary>
public sealed class NftablesBatch
{
    // A message holds all its elements in one attribute, whose length is a number of 16 bits.
    private const int MaxElementsBytes = 32 * 1024;
    private const int IntervalEnd = 1; // NFT_SET_ELEM_INTERVAL_END
    private const int LocalOutput = 3; // NF_INET_LOCAL_OUT
    private const int AcceptPolicy = 1; // NF_ACCEPT

    private readonly List<NetlinkWriter> _messages = [];

    /// <summary>True if there is nothing to do.</summary>
    public bool IsEmpty => _messages.Count == 0;

    internal IReadOnlyList<NetlinkWriter> Messages => _messages;

    /// <summary>What the first change is about, for messages.</summary>
    internal string Subject { get; private set; } = "nothing";

    /// <summary>Makes a table; one that is there is no error.</summary>
    public void AddTable(NftablesFamily family, string name) => WriteTable(MessageType.NewTable, family, name);

    /// <summary>Takes a table away with all that is in it. Added before in the same transaction, one that is not there is no error.</summary>
    public void DeleteTable(NftablesFamily family, string name) => WriteTable(MessageType.DeleteTable, family, name);

    /// <summary>Makes a chain of what the namespace itself sends, which accepts; one that is there is no error.</summary>
    /// <param name="family">The table's family.</param>
    /// <param name="table">The table.</param>
    /// <param name="chain">The chain's name.</param>
    /// <param name="priority">Its place among the others: the lower, the earlier.</param>
    public void AddOutputChain(NftablesFamily family, string table, string chain, int priority)
    {
        NetlinkWriter message = Begin(MessageType.NewChain, MessageFlags.Create, family, $"chain {table} {chain}");
        message.Attribute((ushort)ChainAttribute.Table, table);
        message.Attribute((ushort)ChainAttribute.Name, chain);
        using (message.Nest((ushort)ChainAttribute.Hook))
        {
            Number(message, (ushort)HookAttribute.Number, LocalOutput);
            Number(message, (ushort)HookAttribute.Priority, priority);
        }

        Number(message, (ushort)ChainAttribute.Policy, AcceptPolicy);
        message.Attribute((ushort)ChainAttribute.Type, "filter");
    }

    /// <summary>Takes all rules of a chain away.</summary>
    public void FlushChain(NftablesFamily family, string table, string chain)
    {
        NetlinkWriter message = Begin(MessageType.DeleteRule, MessageFlags.None, family, $"rules of {table} {chain}");
        message.Attribute((ushort)RuleAttribute.Table, table);
        message.Attribute((ushort)RuleAttribute.Chain, chain);
    }

    /// <summary>Adds a rule behind those that the chain has.</summary>
    public void AddRule(NftablesFamily family, string table, string chain, Action<RuleWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        NetlinkWriter message = Begin(MessageType.NewRule, MessageFlags.Create | MessageFlags.Append, family, $"rule of {table} {chain}");
        message.Attribute((ushort)RuleAttribute.Table, table);
        message.Attribute((ushort)RuleAttribute.Chain, chain);
        using (message.Nest((ushort)RuleAttribute.Expressions))
        {
            write(new RuleWriter(message));
        }
    }

    /// <summary>Adds elements; those that are there are no error, unless they have another value.</summary>
    public void AddElements(IEnumerable<SetElement> elements) => WriteElements(MessageType.NewElements, elements);

    /// <summary>Takes elements away. Added before in the same transaction, those that are not there are no error.</summary>
    public void DeleteElements(IEnumerable<SetElement> elements) => WriteElements(MessageType.DeleteElements, elements);

    private void WriteTable(MessageType type, NftablesFamily family, string name) =>
        Begin(type, type == MessageType.NewTable ? MessageFlags.Create : MessageFlags.None, family, $"table {name}").Attribute((ushort)TableAttribute.Name, name);

    private void WriteElements(MessageType type, IEnumerable<SetElement> elements)
    {
        foreach (IGrouping<NftablesSet, SetElement> group in elements.GroupBy(element => element.Set))
        {
            using IEnumerator<SetElement> next = group.GetEnumerator();
            bool isMore = next.MoveNext();
            while (isMore)
            {
                NetlinkWriter message = Begin(type, type == MessageType.NewElements ? MessageFlags.Create : MessageFlags.None, group.Key.Family, next.Current.ToString());
                message.Attribute((ushort)ElementListAttribute.Table, group.Key.Table);
                message.Attribute((ushort)ElementListAttribute.Set, group.Key.Name);
                using (message.Nest((ushort)ElementListAttribute.Elements))
                {
                    do
                    {
                        WriteElement(message, next.Current);
                        isMore = next.MoveNext();
                    }
                    while (isMore && message.LengthBytes < MaxElementsBytes);
                }
            }
        }
    }

    // A range is two elements where the key is one field: its first value, and the first that is not in it any more, which is marked as an end and
    // left out behind the highest number. Where there are several fields it is one, with the lowest and the highest of each.
    private static void WriteElement(NetlinkWriter message, SetElement element)
    {
        bool isConcatenation = element.Key.Length > 1;
        using (message.Nest((ushort)ListAttribute.Element))
        {
            WriteData(message, (ushort)ElementAttribute.Key, element.Key, isLast: false);
            if (element.Set.IsInterval && isConcatenation)
            {
                WriteData(message, (ushort)ElementAttribute.KeyEnd, element.Key, isLast: true);
            }

            if (!element.Value.IsEmpty)
            {
                WriteData(message, (ushort)ElementAttribute.Data, element.Value, isLast: false);
            }
        }

        if (element.Set.IsInterval && !isConcatenation && Successor(element.Key[0].Last) is { } end)
        {
            using (message.Nest((ushort)ListAttribute.Element))
            {
                Number(message, (ushort)ElementAttribute.Flags, IntervalEnd);
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

            Span<byte> octets = stackalloc byte[64]; // NFT_REG32_COUNT registers of four octets
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

    private NetlinkWriter Begin(MessageType type, MessageFlags flags, NftablesFamily family, string subject)
    {
        if (IsEmpty)
        {
            Subject = subject;
        }

        NetlinkWriter message = new NetlinkWriter(type, flags).Struct(new NetfilterHeader { Family = (byte)family });
        _messages.Add(message);
        return message;
    }

    private static void Number(NetlinkWriter message, ushort attribute, int value) => message.Attribute(attribute, BinaryPrimitives.ReverseEndianness(value));
}
