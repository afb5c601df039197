// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Store;

namespace Resolver.Control.Lanes;

/// <summary>An endpoint whose default routes change because another came or went.</summary>
/// <param name="Before">As it is.</param>
/// <param name="After">As it will be.</param>
/// <param name="Network">Its network.</param>
internal sealed record Reelected(Endpoint Before, Endpoint After, Network Network)
{
    internal bool IsChange =>
        Before.ProvidesDefaultRoute != After.ProvidesDefaultRoute || Before.ProvidesIPv6DefaultRoute != After.ProvidesIPv6DefaultRoute;

    internal StoreOperation Put => new StoreOperation.PutEndpoint(After);

    internal StoreOperation PutBack => new StoreOperation.PutEndpoint(Before);
}
