// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;
using Resolver.Linux.Netlink;
using Resolver.Linux.Processes;

namespace Resolver.Linux.Nftables;

/// <summary>
/// Hears of changes to the ruleset of the namespace in which it was opened, whoever made them: messages of the group NFNLGRP_NFTABLES
/// (linux/netfilter/nfnetlink.h). One reader at a time.
/// </summary>
public sealed class RulesetWatch : IDisposable
{
    private const uint NfnlgrpNftables = 7;
    private const int NfnlSubsysNftables = 10;
    private const int HeaderLengthBytes = 4; // struct nfgenmsg
    private const int BufferBytes = 4 * 1024 * 1024; // A set of thousands of elements is one change.

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = new byte[64 * 1024]; // More than the kernel puts into one datagram.

    private RulesetWatch(SafeFileHandle handle)
    {
        _handle = handle;
    }

    // linux/netfilter/nf_tables.h: nf_tables_msg_types
    private enum Message
    {
        DeleteTable = 2, // NFT_MSG_DELTABLE
        NewChain = 3, // NFT_MSG_NEWCHAIN
        DeleteRule = 8, // NFT_MSG_DELRULE
    }

    /// <summary>Opens one in the calling thread's namespace.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public static RulesetWatch Open()
    {
        SafeFileHandle handle = Libc.OpenSocket(Libc.AF_NETLINK, Libc.SOCK_RAW, Libc.NETLINK_NETFILTER);
        Libc.SockaddrNl address = new() { Family = Libc.AF_NETLINK, Groups = 1u << (int)(NfnlgrpNftables - 1) };
        if (Libc.setsockopt(handle, Libc.SOL_SOCKET, Libc.SO_RCVBUF, BufferBytes, sizeof(int)) == 0
            && Libc.bind(handle, address, Libc.SockaddrNl.LengthBytes) == 0)
        {
            return new RulesetWatch(handle);
        }

        Errno errno = Libc.LastErrno;
        handle.Dispose();
        throw new KernelException("bind", "NFNLGRP_NFTABLES", errno);
    }

    /// <summary>Waits for changes and returns what is there; empty when it was nothing that there is an event for.</summary>
    /// <exception cref="KernelException">The socket failed.</exception>
    public async Task<ImmutableArray<RulesetEvent>> NextAsync(CancellationToken cancellationToken)
    {
        await ReadinessThread.Shared.WaitReadableAsync(_handle, cancellationToken);
        ImmutableArray<RulesetEvent>.Builder events = ImmutableArray.CreateBuilder<RulesetEvent>();
        while (TryReceive(events))
        {
            // Until nothing is left, so that who rebuilds something does so once for all of it.
        }

        return events.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private bool TryReceive(ImmutableArray<RulesetEvent>.Builder events)
    {
        int addressLength = Libc.SockaddrNl.LengthBytes;
        nint length = Libc.recvfrom(_handle, _buffer, _buffer.Length, Libc.MSG_DONTWAIT, out Libc.SockaddrNl sender, ref addressLength);
        if (length < 0)
        {
            switch (Libc.LastErrno)
            {
                case Errno.EAGAIN:
                    return false;
                case Errno.ENOBUFS:
                    events.Add(new RulesetEvent.Lost());
                    return true;
                case Errno.EINTR:
                    return true;
                default:
                    throw new KernelException("recvfrom", "NFNLGRP_NFTABLES", Libc.LastErrno);
            }
        }

        // Anyone may send to a netlink port; only port id 0 is the kernel.
        if (sender.PortId == 0)
        {
            MessageReader reader = new(_buffer.AsSpan(0, (int)length));
            while (reader.TryRead(out ReceivedMessage message))
            {
                if (Parse(in message) is { } found)
                {
                    events.Add(found);
                }
            }
        }

        return true;
    }

    private static RulesetEvent? Parse(in ReceivedMessage message)
    {
        if ((int)message.Type >> 8 != NfnlSubsysNftables || message.Payload.Length < HeaderLengthBytes)
        {
            return null;
        }

        string family = FamilyOf(message.Payload[0]);
        (string first, string second, string third) = ("", "", "");
        AttributeReader reader = new(message.Payload[HeaderLengthBytes..]);
        while (reader.TryRead())
        {
            switch (reader.Type)
            {
                case 1: // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE
                    first = reader.Text();
                    break;
                case 2: // NFTA_RULE_CHAIN
                    second = reader.Text();
                    break;
                case 3: // NFTA_CHAIN_NAME
                    third = reader.Text();
                    break;
            }
        }

        return (Message)((int)message.Type & 0xff) switch
        {
            Message.DeleteTable => new RulesetEvent.TableDeleted($"{family} {first}"),
            Message.NewChain => new RulesetEvent.ChainAdded($"{family} {first}", third),
            Message.DeleteRule => new RulesetEvent.RuleDeleted($"{family} {first}", second),
            _ => null,
        };
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
