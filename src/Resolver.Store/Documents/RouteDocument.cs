// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;

namespace Resolver.Store.Documents;

/// <summary>A static route as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record RouteDocument(string Destination, string Gateway)
{
    internal static RouteDocument Of(StaticRoute route) => new(route.Destination.ToString(), route.Gateway.ToString());

    internal StaticRoute ToRoute() => new(Subnet.Parse(Destination, "destination"), Text.ToAddress(Gateway));
}
