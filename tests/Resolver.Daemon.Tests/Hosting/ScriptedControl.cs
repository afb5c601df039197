// SPDX-License-Identifier: Apache-2.0

using Resolver.Control;
using Resolver.Control.Changes;
using Resolver.Daemon.Hosting;

namespace Resolver.Daemon.Tests.Hosting;

/// <summary>Stands where the control plane needs root: recovery takes as long as told, changes end as told.</summary>
internal sealed class ScriptedControl : IControl
{
    public TaskCompletionSource Recovered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<Change, ChangeResult> Answer { get; set; } = _ => new ChangeResult(1);

    public DesiredState Current { get; } = new();

    public Task StartAsync(CancellationToken cancellationToken) => Recovered.Task.WaitAsync(cancellationToken);

    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) => Task.FromResult(Answer(change));
}
