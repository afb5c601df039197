// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Core.Addressing;
using Resolver.Networking.Planning;

namespace Resolver.Networking;

/// <summary>
/// Carries desired state to the kernel of the host namespace: observe, plan (pure), apply with computed inverses. Each method is all or
/// nothing: on failure what it did is undone and the exception says why. Create, repair, adopt and remove are the same code.
/// Thread-safe; the caller keeps calls for one network in order.
/// </summary>
public sealed class HostNetworking : IDisposable
{
    /// <summary>Opens the kernel interfaces in the calling thread's namespace, which is the host namespace from then on.</summary>
    /// <exception cref="Linux.KernelException">libnftables is missing, or a capability is.</exception>
    public static HostNetworking Open(ILogger<HostNetworking> logger) => throw new NotImplementedException();

    /// <summary>The prefixes that the host has routes or addresses for (the default route left out, as well as those of <paramref name="ownBridges"/>).</summary>
    public ImmutableArray<Subnet> HostPrefixes(IReadOnlySet<string> ownBridges) => throw new NotImplementedException();

    /// <summary>Makes the bridge, its addresses, forwarding and the network's elements in table <c>inet resolver</c> as desired, or removes them.</summary>
    public ValueTask ConvergeAsync(DesiredNetwork desired, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes the inside of a sandbox that is not about one endpoint as desired: loopback up, port 53 of 127.0.0.11 rewritten to the responder's.</summary>
    public ValueTask ConvergeAsync(DesiredSandbox desired, SandboxAccess access, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Makes one endpoint as desired (veth, addresses, default route, published ports), or removes it.</summary>
    /// <param name="desired">The endpoint.</param>
    /// <param name="access">The sandbox; null when its namespace is gone (then only removal is possible, and the host's side is removed).</param>
    /// <param name="cancellationToken">Ends the wait, not a step half-way.</param>
    public ValueTask ConvergeAsync(DesiredEndpoint desired, SandboxAccess? access, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
