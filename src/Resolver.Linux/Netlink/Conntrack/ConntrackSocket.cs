// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net.Sockets;
using Resolver.Linux.Interop;
using Resolver.Linux.Netlink.Route;

namespace Resolver.Linux.Netlink.Conntrack;

/// <summary>The connection tracking of one namespace (ctnetlink). Not thread-safe.</summary>
public sealed class ConntrackSocket : IDisposable
{
    private const ushort Nested = 1 << 15; // NLA_F_NESTED

    private readonly NetlinkSocket _socket = new(Libc.NETLINK_NETFILTER);

    /// <summary>The flows that a condition picks, of both families.</summary>
    /// <exception cref="KernelException">The kernel has no ctnetlink (module nf_conntrack_netlink), or CAP_NET_ADMIN is missing.</exception>
    public ImmutableArray<Flow> Flows(Func<Flow, bool> condition)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetFlow, MessageFlags.Dump).Struct(default(NetfilterHeader));
        return
        [
            .. _socket.Dump(request, "flows", (in ReceivedMessage message) => FlowParser.Parse(in message) is { } flow && condition(flow) ? flow : null),
        ];
    }

    /// <summary>Forgets a flow: its next packet is a new one. One that is gone already is no error.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public void Delete(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        NetlinkWriter request = new NetlinkWriter(MessageType.DeleteFlow, MessageFlags.Ack).Struct(new NetfilterHeader
        {
            Family = flow.Destination.AddressFamily == AddressFamily.InterNetworkV6 ? KernelFamily.IPv6 : KernelFamily.IPv4,
        });
        request.Attribute(FlowParser.OriginalTuple | Nested, flow.Original);
        try
        {
            _socket.Execute(request, $"flow to {flow.Destination}");
        }
        catch (KernelException e) when (e.Errno is Errno.ENOENT)
        {
            // It ended meanwhile.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
