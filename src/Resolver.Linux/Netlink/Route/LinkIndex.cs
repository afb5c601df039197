// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink.Route;

/// <summary>The kernel's number of a link within one namespace (ifindex, 1 and up).</summary>
/// <param name="Value">The number.</param>
public readonly record struct LinkIndex(int Value);
