// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Dns.Serving;
using Resolver.Dns.Zones;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking;

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

    /// <summary>True if loopback was down before and is up for the responder's sake.</summary>
    internal bool HasRaisedLoopback { get; private init; }

    /// <summary>Opens the sockets inside, makes port 53 of 127.0.0.11 lead to the responder (all in one visit), and starts to answer.</summary>
    /// <param name="netns">The sandbox's namespace; owned by the runtime from now on, closed if this fails.</param>
    /// <param name="view">What it sees at first.</param>
    /// <param name="dns">Who serves it.</param>
    internal static SandboxRuntime Open(NetworkNamespace netns, SandboxView view, DnsService dns)
    {
        try
        {
            (RouteSocket route, ResponderSockets responder, bool hasRaised) = NamespaceThread.Run(netns, OpenSockets);
            return new SandboxRuntime(new SandboxAccess(netns, route), dns.Serve(responder, view, netns)) { HasRaisedLoopback = hasRaised };
        }
        catch (Exception)
        {
            netns.Dispose();
            throw;
        }
    }

    /// <summary>Gives a namespace that is not ours back as it was: without it, port 53 would lead to a closed port.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    internal void UndoRewriting() => SandboxRewriting.Remove(Access.Netns);

    /// <summary>Makes loopback as it was, when a namespace that is not ours was refused.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    internal void LowerLoopback()
    {
        Access.Route.SetLink("lo", new LinkChange { Up = false });

        // The kernel gave it 127.0.0.1 as it came up, and does not take it when it goes down.
        if (Access.Route.FindLink("lo") is { } loopback
            && Access.Route.Addresses(loopback.Index).FirstOrDefault(entry => IPAddress.Loopback.Equals(entry.Address)) is { } address)
        {
            Access.Route.RemoveAddress(address);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Responder.DisposeAsync();
        Access.Dispose();
    }

    private static (RouteSocket, ResponderSockets, bool) OpenSockets()
    {
        RouteSocket route = RouteSocket.Open();
        try
        {
            bool hasRaised = RaiseLoopback(route);
            ResponderSockets responder = ResponderSockets.Open();
            try
            {
                SandboxRewriting.Install(responder.Port);
                return (route, responder, hasRaised);
            }
            catch (Exception)
            {
                responder.Dispose();
                throw;
            }
        }
        catch (Exception)
        {
            route.Dispose();
            throw;
        }
    }

    // Before the sockets are bound: while loopback is down, the kernel takes 127.0.0.11 for no address of its own and binds without a source
    // address, so that replies would leave from 127.0.0.1 and be ignored.
    private static bool RaiseLoopback(RouteSocket route)
    {
        if (route.FindLink("lo") is not { IsUp: false } loopback)
        {
            return false;
        }

        route.SetLink(loopback.Index, new LinkChange { Up = true });
        return true;
    }
}
