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
    public void AddElements(IReadOnlyCollection<SetElement> elements) => WriteElements(MessageType.NewElements, elements);

    /// <summary>Takes elements away. Added before in the same transaction, those that are not there are no error.</summary>
    public void DeleteElements(IReadOnlyCollection<SetElement> elements) => WriteElements(MessageType.DeleteElements, elements);

    private void WriteTable(MessageType type, NftablesFamily family, string name) =>
        Begin(type, type == MessageType.NewTable ? MessageFlags.Create : MessageFlags.None, family, $"table {name}").Attribute((ushort)TableAttribute.Name, name);

    private void WriteElements(MessageType type, IReadOnlyCollection<SetElement> elements)
    {
        foreach (NetlinkWriter message in ElementWriter.Write(type, type == MessageType.NewElements ? MessageFlags.Create : MessageFlags.None, elements))
        {
            Add(message, elements.First().ToString());
        }
    }

    private NetlinkWriter Begin(MessageType type, MessageFlags flags, NftablesFamily family, string subject)
    {
        NetlinkWriter message = new NetlinkWriter(type, flags).Struct(new NetfilterHeader { Family = (byte)family });
        Add(message, subject);
        return message;
    }

    private void Add(NetlinkWriter message, string subject)
    {
        if (IsEmpty)
        {
            Subject = subject;
        }

        _messages.Add(message);
    }

    private static void Number(NetlinkWriter message, ushort attribute, int value) => message.Attribute(attribute, BinaryPrimitives.ReverseEndianness(value));
}
