// SPDX-License-Identifier: Apache-2.0

using Resolver.Control;
using Resolver.Control.Changes;

namespace Resolver.Daemon.Hosting;

/// <summary>What calls need of the control plane; lets the whole gRPC side run in tests without a kernel below it.</summary>
internal interface IControl
{
    /// <summary>The desired state.</summary>
    DesiredState Current { get; }

    /// <summary>Recovers and opens for changes.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Carries a change through.</summary>
    Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken);
}
