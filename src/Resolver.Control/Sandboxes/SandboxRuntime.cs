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

    /// <summary>Gives a namespace that is not ours back as it was: without it, port 53 would lead to a closed port.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    internal ValueTask UndoRewritingAsync(Sandbox sandbox, HostNetworking networking) =>
        networking.ConvergeAsync(new DesiredSandbox(sandbox, Responder.Port, Present: false), Access, CancellationToken.None);

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
            RaiseLoopback(route);
            return (route, ResponderSockets.Open());
        }
        catch (Exception)
        {
            route.Dispose();
            throw;
        }
    }

    // Before the sockets are bound: while loopback is down, the kernel takes 127.0.0.11 for no address of its own and binds without a source
    // address, so that replies would leave from 127.0.0.1 and be ignored.
    private static void RaiseLoopback(RouteSocket route)
    {
        if (route.FindLink("lo") is { IsUp: false } loopback)
        {
            route.SetLink(loopback.Index, new LinkChange { Up = true });
        }
    }
}
