// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Contract.V1;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Dns.Serving;
using Network = Resolver.Core.Networks.Network;

namespace Resolver.Daemon.Hosting;

/// <summary>The control plane as calls see it: shut until recovery is done, shut again when the daemon stops. Thread-safe.</summary>
internal sealed class ControlGate(IControl control, TimeProvider timeProvider)
{
    private volatile DaemonState _state = DaemonState.Starting;

    /// <summary>When the daemon was started, as a timestamp of the time provider.</summary>
    public long StartedAt { get; } = timeProvider.GetTimestamp();

    /// <summary>What the daemon is doing.</summary>
    public DaemonState State => _state;

    /// <summary>The desired state.</summary>
    /// <exception cref="RefusedException">Unavailable while the daemon is starting.</exception>
    public DesiredState Current => _state == DaemonState.Starting ? throw Shut() : control.Current;

    /// <summary>What of the host stands in the way of the networks: one line each; none while the daemon is starting.</summary>
    public ImmutableArray<string> LookForWarnings() => _state == DaemonState.Starting ? [] : control.LookForWarnings();

    /// <summary>Submits a change.</summary>
    /// <exception cref="RefusedException">The control plane's refusals; Unavailable while the daemon starts or stops.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) =>
        _state == DaemonState.Ready ? control.SubmitAsync(change, cancellationToken) : throw Shut();

    /// <summary>Removes all sandboxes and all networks but the default one.</summary>
    /// <exception cref="RefusedException">Something could not be removed; Unavailable while the daemon starts or stops.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public Task<TakenDown> DownAsync(CancellationToken cancellationToken) =>
        _state == DaemonState.Ready ? control.DownAsync(cancellationToken) : throw Shut();

    /// <summary>Removes everything that the host has of us; nothing is left to do but to stop.</summary>
    /// <exception cref="RefusedException">Something could not be removed; Unavailable while the daemon starts or stops.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public Task<TakenDown> UninstallAsync() => _state == DaemonState.Ready ? control.UninstallAsync() : throw Shut();

    /// <summary>Asks a question with the eyes of a sandbox; null if the sandbox has no responder.</summary>
    public Task<AskedReply?> AskAsync(ObjectId sandbox, ReadOnlyMemory<byte> message) => control.AskAsync(sandbox, message);

    /// <summary>Forgets what upstreams said; returns how many replies that were.</summary>
    public int FlushDnsCache(DnsName? name, bool below, Network? network) => control.FlushDnsCache(name, below, network);

    /// <summary>Recovers, then opens.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await control.StartAsync(cancellationToken);
        _state = DaemonState.Ready;
    }

    /// <summary>Lets no further change in.</summary>
    public void Close() => _state = DaemonState.Stopping;

    private RefusedException Shut() => new(
        FailureReason.Unavailable,
        "resolverd",
        _state == DaemonState.Starting
            ? "the daemon is starting: wait with resolver status --wait 10s"
            : "the daemon is stopping: try again when it has been started again");
}
