// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;

namespace Resolver.Daemon.Hosting;

/// <summary>What calls need of the control plane; lets the whole gRPC side run in tests without a kernel below it.</summary>
internal interface IControl
{
    /// <summary>The desired state.</summary>
    DesiredState Current { get; }

    /// <summary>What of the host stands in the way of the networks: one line each.</summary>
    ImmutableArray<string> LookForWarnings();

    /// <summary>Recovers and opens for changes.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Carries a change through.</summary>
    Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken);

    /// <summary>Removes all sandboxes and all networks but the default one.</summary>
    Task<TakenDown> DownAsync(CancellationToken cancellationToken);

    /// <summary>Removes everything that the host has of us; nothing is left to do but to stop.</summary>
    Task<TakenDown> UninstallAsync();

    /// <summary>Asks a question with the eyes of a sandbox; null if the sandbox has no responder.</summary>
    Task<AskedReply?> AskAsync(ObjectId sandbox, ReadOnlyMemory<byte> message);

    /// <summary>Forgets what upstreams said about a name, through a network's upstreams, or at all; returns how many replies that were.</summary>
    int FlushDnsCache(DnsName? name, bool below, Network? network);
}
