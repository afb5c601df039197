// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Linux.Netlink.Route;

/// <summary>A unicast route of the main table (RTM_NEWROUTE).</summary>
/// <param name="Destination">RTA_DST; the default route is 0.0.0.0/0 or ::/0.</param>
/// <param name="Gateway">RTA_GATEWAY; null for an on-link route.</param>
/// <param name="Link">RTA_OIF; null when the kernel shall find it (adding) or reports none.</param>
public sealed record RouteEntry(IPNetwork Destination, IPAddress? Gateway, LinkIndex? Link);
