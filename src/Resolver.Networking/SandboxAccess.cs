// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;

namespace Resolver.Networking;

/// <summary>A sandbox's namespace, open, with a rtnetlink socket inside. Owned by who made it.</summary>
/// <param name="Netns">The namespace.</param>
/// <param name="Route">A socket that was opened inside it.</param>
public sealed record SandboxAccess(NetworkNamespace Netns, RouteSocket Route) : IDisposable
{
    /// <summary>Closes both.</summary>
    public void Dispose()
    {
        Route.Dispose();
        Netns.Dispose();
    }
}
