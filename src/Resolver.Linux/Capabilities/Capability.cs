// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Capabilities;

#pragma warning disable CA1008 // The kernel's numbers have a name for zero that we do not use.

/// <summary>A capability (linux/capability.h, capabilities(7)).</summary>
public enum Capability
{
    /// <summary>Links, addresses, routes, nftables: CAP_NET_ADMIN.</summary>
    NetAdmin = 12,

    /// <summary>setns, unshare, mount: CAP_SYS_ADMIN.</summary>
    SysAdmin = 21,
}
