// SPDX-License-Identifier: Apache-2.0

using Resolver.Control;
using Resolver.Control.Changes;

namespace Resolver.Daemon.Hosting;

/// <summary>The control plane itself.</summary>
internal sealed class PlaneControl(ControlPlane plane) : IControl
{
    /// <inheritdoc/>
    public DesiredState Current => plane.Current;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => plane.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) => plane.SubmitAsync(change, cancellationToken);
}
