// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Netlink;

/// <summary>struct nfgenmsg (linux/netfilter/nfnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetfilterHeader
{
    internal byte Family;
    internal byte Version;
    internal ushort ResourceId; // In network byte order.
}
