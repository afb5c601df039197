// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;

namespace Resolver.Daemon.Hosting;

/// <summary>The control plane itself.</summary>
internal sealed class PlaneControl(ControlPlane plane) : IControl
{
    /// <inheritdoc/>
    public DesiredState Current => plane.Current;

    /// <inheritdoc/>
    public ImmutableArray<string> LookForWarnings() => plane.LookForWarnings();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => plane.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) => plane.SubmitAsync(change, cancellationToken);

    /// <inheritdoc/>
    public Task<TakenDown> DownAsync(CancellationToken cancellationToken) => plane.DownAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<TakenDown> UninstallAsync() => plane.UninstallAsync();

    /// <inheritdoc/>
    public Task<AskedReply?> AskAsync(ObjectId sandbox, ReadOnlyMemory<byte> message) => plane.AskAsync(sandbox, message);

    /// <inheritdoc/>
    public int FlushDnsCache(DnsName? name, bool below, Network? network) => plane.FlushDnsCache(name, below, network);
}
