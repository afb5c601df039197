// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Planning;

/// <summary>The aliases that say on the host whose link it is, for people and for us.</summary>
internal static class LinkTags
{
    internal static string Of(Network network) => $"resolver:network:{network.Name}:{network.Id.ShortId}";

    internal static string Of(DesiredEndpoint desired) =>
        $"resolver:endpoint:{desired.Network.Name}/{desired.Sandbox.Name}:{desired.Endpoint.Id.ShortId}";

    /// <summary>The id in an alias of ours; null for any other.</summary>
    internal static string? ShortIdOf(string? alias) =>
        alias is not null && alias.StartsWith("resolver:", StringComparison.Ordinal) ? alias[(alias.LastIndexOf(':') + 1)..] : null;

    internal static bool IsOurs(Link link, Network network) =>
        link.Kind == "bridge" && (HasId(link, network.Id) || (IsUnfinished(link) && link.Name == network.Bridge.Value));

    internal static bool IsOurs(Link link, Endpoint endpoint) =>
        link.Kind == "veth" && (HasId(link, endpoint.Id) || (IsUnfinished(link) && link.Name == endpoint.HostLink.Value));

    /// <summary>
    /// True for what a daemon left that was killed while it made the link: the kernel gives the group with the link, and takes the alias, with all
    /// else that it reads from requests that change a link, only afterwards.
    /// </summary>
    internal static bool IsUnfinished(Link link) => string.IsNullOrEmpty(link.Alias) && (LinkGroups.IsBridge(link.Group) || LinkGroups.IsPort(link.Group));

    private static bool HasId(Link link, ObjectId id) => link.Alias?.EndsWith($":{id.ShortId}", StringComparison.Ordinal) ?? false;
}
