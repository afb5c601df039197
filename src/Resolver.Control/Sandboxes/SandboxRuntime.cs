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

    /// <summary>Opens the sockets inside (one short thread) and starts to answer; port 53 leads there after <see cref="RewriteAsync"/>.</summary>
    /// <param name="netns">The sandbox's namespace; owned by the runtime from now on, closed if this fails.</param>
    /// <param name="view">What it sees at first.</param>
    /// <param name="dns">Who serves it.</param>
    internal static SandboxRuntime Open(NetworkNamespace netns, SandboxView view, DnsService dns)
    {
        try
        {
            (RouteSocket route, ResponderSockets responder) = NamespaceThread.Run(netns, OpenSockets);
            return new SandboxRuntime(new SandboxAccess(netns, route), dns.Serve(responder, view, netns));
        }
        catch (Exception)
        {
            netns.Dispose();
            throw;
        }
    }

    /// <summary>Makes port 53 of 127.0.0.11 lead to the responder.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    internal ValueTask RewriteAsync(Sandbox sandbox, HostNetworking networking) =>
        networking.ConvergeAsync(new DesiredSandbox(sandbox, Responder.Port) { IsNewPort = true }, Access, CancellationToken.None);

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
