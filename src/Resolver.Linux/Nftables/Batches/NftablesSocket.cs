// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Interop;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables.Batches;

/// <summary>Carries transactions to the ruleset of the namespace in which it was opened. Not thread-safe: one owner.</summary>
public sealed class NftablesSocket : IDisposable
{
    private const int Subsystem = 10; // NFNL_SUBSYS_NFTABLES
    private const MessageType BatchBegin = (MessageType)0x10; // NFNL_MSG_BATCH_BEGIN
    private const MessageType BatchEnd = (MessageType)0x11; // NFNL_MSG_BATCH_END

    private readonly NetlinkSocket _socket = new(Libc.NETLINK_NETFILTER);

    /// <summary>By what <see cref="RulesetEvent.Committed"/> names this socket's transactions.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public uint PortId => _socket.PortId();

    /// <summary>The number of the ruleset's last transaction, whoever made it: each one that changes something counts one up (NFT_MSG_GETGEN).</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public uint Generation()
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetGeneration, MessageFlags.None).Struct(default(NetfilterHeader));
        _ = _socket.Execute(request, "the ruleset's generation", RulesetParser.Generation, out uint generation);
        return generation;
    }

    /// <summary>Does all that is in a transaction, or nothing.</summary>
    /// <exception cref="KernelException">Refused: ENOENT for what is not there, EEXIST for an element that is there with another value, EPERM without CAP_NET_ADMIN.</exception>
    public void Commit(NftablesBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.IsEmpty)
        {
            return;
        }

        NetfilterHeader header = new() { ResourceId = Subsystem << 8 };
        _socket.ExecuteBatch(
            [
                new NetlinkWriter(BatchBegin, MessageFlags.None).Struct(header),
                .. batch.Messages,
                new NetlinkWriter(BatchEnd, MessageFlags.None).Struct(header),
            ],
            batch.Subject);
    }

    /// <summary>True if all elements are there, by their keys.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public bool HasElements(IEnumerable<SetElement> elements) =>
        ElementWriter.Write(MessageType.GetElements, MessageFlags.Ack, elements)
            .All(message => _socket.TryExecute(message, "elements", absence: Errno.ENOENT));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
