// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Daemon.Hosting;
using Resolver.Dns.Serving;

namespace Resolver.Daemon.Tests.Hosting;

/// <summary>Stands where the control plane needs root: recovery takes as long as told, changes end as told.</summary>
internal sealed class ScriptedControl : IControl
{
    public TaskCompletionSource Recovered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<Change, ChangeResult> Answer { get; set; } = _ => new ChangeResult(1);

    public DesiredState Current { get; } = new();

    public ImmutableArray<string> Warnings { get; set; } = [];

    public ImmutableArray<string> LookForWarnings() => Warnings;

    public Task StartAsync(CancellationToken cancellationToken) => Recovered.Task.WaitAsync(cancellationToken);

    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) => Task.FromResult(Answer(change));

    public Task<TakenDown> DownAsync(CancellationToken cancellationToken) => Task.FromResult(new TakenDown(0, 0, []));

    public Task<TakenDown> UninstallAsync() => Task.FromResult(new TakenDown(0, 0, []));

    public Task<AskedReply?> AskAsync(ObjectId sandbox, ReadOnlyMemory<byte> message) => Task.FromResult<AskedReply?>(null);

    public int FlushDnsCache(DnsName? name, bool below, Network? network) => 0;
}
