// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Planning;

/// <summary>Whether links on the host are as they should be: what somebody may have changed by hand, and no more than is told in one look. Pure.</summary>
internal static class LinkConditions
{
    internal static bool IsRight(Network network, Link bridge, IReadOnlyCollection<AddressEntry> addresses) =>
        LinkTags.IsOurs(bridge, network)
        && !LinkTags.IsUnfinished(bridge)
        && bridge.IsUp
        && bridge.Group == LinkGroups.OfBridge(network)
        && NetworkPlanner.AddressesOf(network).All(wanted => addresses.Any(entry => entry.Address.Equals(wanted.Address) && entry.PrefixLength == wanted.PrefixLength));

    internal static bool IsRight(Endpoint endpoint, Network network, Link? hostLink, Link bridge) =>
        hostLink is { IsUp: true }
        && LinkTags.IsOurs(hostLink, endpoint)
        && !LinkTags.IsUnfinished(hostLink)
        && hostLink.Master == bridge.Index
        && hostLink.Group == LinkGroups.OfPorts(network);

    /// <summary>True if a link of a sandbox is the endpoint's own end: nobody else gives one of its kind and name that address.</summary>
    internal static bool IsPeerOf(Endpoint endpoint, Link link) => link.Kind == "veth" && link.HardwareAddress.SequenceEqual(endpoint.Mac.ToBytes());
}
