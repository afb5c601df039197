// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;

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
        link.Kind == "bridge" && (link.Alias?.EndsWith($":{network.Id.ShortId}", StringComparison.Ordinal) ?? false);

    internal static bool IsOurs(Link link, Endpoint endpoint) =>
        link.Kind == "veth" && (link.Alias?.EndsWith($":{endpoint.Id.ShortId}", StringComparison.Ordinal) ?? false);
}
