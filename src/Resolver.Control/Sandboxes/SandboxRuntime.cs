// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Dns.Serving;
using Resolver.Dns.Zones;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking;
using Resolver.Networking.Planning;

namespace Resolver.Control.Sandboxes;

/// <summary>A sandbox while the daemon serves it: its open namespace (so that its identity stays its own) and its responder.</summary>
internal sealed class SandboxRuntime : IAsyncDisposable
{
    private SandboxRuntime(SandboxAccess access, Responder responder)
    {
        Access = access;
        Responder = responder;
    }

    internal SandboxAccess Access { get; }

    internal Responder Responder { get; }

    /// <summary>Opens the sockets inside (one short thread), starts to answer, and makes port 53 lead to them.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="netns">Its namespace; owned by the runtime from now on, closed if this fails.</param>
    /// <param name="view">What it sees at first.</param>
    /// <param name="rooms">Who serves it.</param>
    internal static async Task<SandboxRuntime> OpenAsync(Sandbox sandbox, NetworkNamespace netns, SandboxView view, (HostNetworking Networking, DnsService Dns) rooms)
    {
        (RouteSocket Route, ResponderSockets Responder) sockets;
        try
        {
            sockets = NamespaceThread.Run(netns, OpenSockets);
        }
        catch (Exception)
        {
            netns.Dispose();
            throw;
        }

        SandboxRuntime runtime = new(new SandboxAccess(netns, sockets.Route), rooms.Dns.Serve(sockets.Responder, view));
        try
        {
            await rooms.Networking.ConvergeAsync(new DesiredSandbox(sandbox, runtime.Responder.Port), runtime.Access, CancellationToken.None);
            return runtime;
        }
        catch (Exception)
        {
            await runtime.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Responder.DisposeAsync();
        Access.Dispose();
    }

    private static (RouteSocket, ResponderSockets) OpenSockets()
    {
        RouteSocket route = RouteSocket.Open();
        try
        {
            return (route, ResponderSockets.Open());
        }
        catch (Exception)
        {
            route.Dispose();
            throw;
        }
    }
}
