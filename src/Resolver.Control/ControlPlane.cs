// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Control.Changes;
using Resolver.Dns.Serving;
using Resolver.Networking;
using Resolver.Store;

namespace Resolver.Control;

/// <summary>
/// The order of steps: one writer admits and commits changes, lanes carry them to the kernel, publishing makes names visible, then the
/// caller gets its reply. Readers take <see cref="Current"/> and ask nobody.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    /// <summary>Puts the rooms together; nothing runs before <see cref="StartAsync"/>.</summary>
    public ControlPlane(
        ControlOptions options, IDesiredStore store, HostNetworking networking, DnsService dns, TimeProvider timeProvider, ILogger<ControlPlane> logger) =>
        throw new NotImplementedException();

    /// <summary>The desired state now: an immutable snapshot.</summary>
    public DesiredState Current => throw new NotImplementedException();

    /// <summary>Loads the store, serves the names, converges the kernel, makes the default network if there is none, and opens for changes.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The only way in. Returns when the change is durable, in the kernel and visible to questions.</summary>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Ends the wait; a change that was admitted is carried through all the same.</param>
    /// <exception cref="Core.Failures.RefusedException">Refused, nothing is changed.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stops taking changes, waits for those under way. Networks stay.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
