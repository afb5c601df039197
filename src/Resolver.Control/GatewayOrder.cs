// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control;

/// <summary>
/// Which of a sandbox's endpoints come first, as default routes and for names: by priority, those with a way out before internal ones, then
/// by the time they were connected. Pure.
/// </summary>
internal static class GatewayOrder
{
    internal static ImmutableArray<Endpoint> Sort(IEnumerable<Endpoint> endpoints, Func<ObjectId, Network> networkOf) =>
    [
        .. endpoints.OrderByDescending(endpoint => endpoint.GatewayPriority)
            .ThenBy(endpoint => networkOf(endpoint.NetworkId).Policy.IsInternal)
            .ThenBy(EndpointKey.Of),
    ];

    /// <summary>The endpoints with their default routes as they should be: for each family of the first that has a way out in it.</summary>
    internal static ImmutableArray<Endpoint> Elect(IEnumerable<Endpoint> endpoints, Func<ObjectId, Network> networkOf)
    {
        ImmutableArray<Endpoint> sorted = Sort(endpoints, networkOf);
        ObjectId? first4 = FirstOf(AddressFamily.InterNetwork);
        ObjectId? first6 = FirstOf(AddressFamily.InterNetworkV6);
        return
        [
            .. sorted.Select(endpoint => endpoint with
            {
                ProvidesDefaultRoute = endpoint.Id == first4,
                ProvidesIPv6DefaultRoute = endpoint.Id == first6,
            }),
        ];

        ObjectId? FirstOf(AddressFamily family) =>
            sorted.FirstOrDefault(endpoint => networkOf(endpoint.NetworkId).DefaultGatewayOf(family) is not null)?.Id;
    }
}
