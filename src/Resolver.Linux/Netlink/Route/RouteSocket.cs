// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Linux.Namespaces;

namespace Resolver.Linux.Netlink.Route;

/// <summary>
/// A rtnetlink(7) socket of one namespace: every request is acknowledged, every refusal is a <see cref="KernelException"/> that names the
/// operation, the object, the errno and the kernel's sentence. Strict checking and extended acks are on. Thread-safe (one request at a time).
/// </summary>
public sealed class RouteSocket : IDisposable
{
    /// <summary>Opens a socket in the calling thread's namespace.</summary>
    public static RouteSocket Open() => throw new NotImplementedException();

    /// <summary>Opens a socket in <paramref name="netns"/> by a short thread of its own.</summary>
    public static RouteSocket Open(NetworkNamespace netns) => throw new NotImplementedException();

    /// <summary>RTM_NEWLINK kind bridge, down.</summary>
    /// <returns>Its index.</returns>
    public LinkIndex CreateBridge(BridgeSpec spec) => throw new NotImplementedException();

    /// <summary>RTM_NEWLINK kind veth.</summary>
    /// <returns>The near end's index.</returns>
    public LinkIndex CreateVeth(VethSpec spec) => throw new NotImplementedException();

    /// <summary>RTM_DELLINK.</summary>
    public void DeleteLink(LinkIndex link) => throw new NotImplementedException();

    /// <summary>RTM_NEWLINK on an existing link: only what is not null changes.</summary>
    public void SetLink(LinkIndex link, LinkChange change) => throw new NotImplementedException();

    /// <summary>RTM_GETLINK by name; null if there is none.</summary>
    public Link? FindLink(string name) => throw new NotImplementedException();

    /// <summary>All links.</summary>
    public ImmutableArray<Link> Links() => throw new NotImplementedException();

    /// <summary>RTM_NEWADDR (NLM_F_EXCL: EEXIST if it is there). IPv6 addresses get IFA_F_NODAD.</summary>
    public void AddAddress(AddressEntry address) => throw new NotImplementedException();

    /// <summary>RTM_DELADDR.</summary>
    public void RemoveAddress(AddressEntry address) => throw new NotImplementedException();

    /// <summary>All addresses, or those of one link.</summary>
    public ImmutableArray<AddressEntry> Addresses(LinkIndex? link = null) => throw new NotImplementedException();

    /// <summary>RTM_NEWROUTE into the main table (NLM_F_EXCL).</summary>
    public void AddRoute(RouteEntry route) => throw new NotImplementedException();

    /// <summary>RTM_DELROUTE.</summary>
    public void RemoveRoute(RouteEntry route) => throw new NotImplementedException();

    /// <summary>All unicast routes of the main table, both families.</summary>
    public ImmutableArray<RouteEntry> Routes() => throw new NotImplementedException();

    /// <summary>The route the kernel would take to an address (RTM_GETROUTE); null when there is none (ENETUNREACH).</summary>
    public RouteEntry? RouteTo(IPAddress destination) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
