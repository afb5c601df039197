// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Linux.Interop;
using Resolver.Linux.Netlink;

namespace Resolver.Linux.Nftables;

/// <summary>
/// Hears of changes to the ruleset of the namespace in which it was opened, whoever made them: messages of the group NFNLGRP_NFTABLES
/// (linux/netfilter/nfnetlink.h). One reader at a time.
/// </summary>
public sealed class RulesetWatch : IDisposable
{
    private const int NfnlgrpNftables = 7;

    private readonly MulticastSocket _socket = MulticastSocket.Open(Libc.NETLINK_NETFILTER, [NfnlgrpNftables], "NFNLGRP_NFTABLES");

    private RulesetWatch()
    {
    }

    /// <summary>Opens one in the calling thread's namespace.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public static RulesetWatch Open() => new();

    /// <summary>Waits for changes and returns what is there; empty when it was nothing that there is an event for.</summary>
    /// <exception cref="KernelException">The socket failed.</exception>
    public async Task<ImmutableArray<RulesetEvent>> NextAsync(CancellationToken cancellationToken)
    {
        await _socket.WaitAsync(cancellationToken);
        ImmutableArray<RulesetEvent>.Builder events = ImmutableArray.CreateBuilder<RulesetEvent>();
        while (TryTake(events))
        {
            // Until nothing is left, so that who rebuilds something does so once for all of it.
        }

        return events.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TryTake(ImmutableArray<RulesetEvent>.Builder events)
    {
        switch (_socket.Take(out ReadOnlySpan<byte> datagram))
        {
            case Heard.Nothing:
                return false;
            case Heard.Lost:
                events.Add(new RulesetEvent.Lost());
                return true;
            default:
                MessageReader reader = new(datagram);
                while (reader.TryRead(out ReceivedMessage message))
                {
                    if (RulesetParser.Parse(in message) is { } found)
                    {
                        events.Add(found);
                    }
                }

                return true;
        }
    }
}
