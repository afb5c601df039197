// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Netlink.Route;

// linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/veth.h. The fixed parts of rtnetlink messages, in host byte order.

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkHeader
{
    internal const int LengthBytes = 16;
    internal const uint Up = 1; // IFF_UP

    internal byte Family;
    internal byte Padding;
    internal ushort Type;
    internal int Index;
    internal uint Flags;
    internal uint Change;
}

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressHeader
{
    internal const int LengthBytes = 8;
    internal const byte NoDuplicateDetection = 0x02; // IFA_F_NODAD

    internal byte Family;
    internal byte PrefixLength;
    internal byte Flags;
    internal byte Scope;
    internal int Index;
}

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteHeader
{
    internal const int LengthBytes = 12;
    internal const byte MainTable = 254; // RT_TABLE_MAIN
    internal const byte StaticProtocol = 4; // RTPROT_STATIC
    internal const byte UniverseScope = 0; // RT_SCOPE_UNIVERSE
    internal const byte LinkScope = 253; // RT_SCOPE_LINK
    internal const byte NowhereScope = 255; // RT_SCOPE_NOWHERE: what RTM_DELROUTE takes for any
    internal const byte Unicast = 1; // RTN_UNICAST
    internal const byte Blackhole = 6; // RTN_BLACKHOLE
    internal const byte Unreachable = 7; // RTN_UNREACHABLE
    internal const byte Prohibit = 8; // RTN_PROHIBIT

    internal byte Family;
    internal byte DestinationLength;
    internal byte SourceLength;
    internal byte TypeOfService;
    internal byte Table;
    internal byte Protocol;
    internal byte Scope;
    internal byte Type;
    internal uint Flags;
}

/// <summary>struct ndmsg (linux/neighbour.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourHeader
{
    internal byte Family;
    internal byte Padding1;
    internal ushort Padding2;
    internal int Index;
    internal ushort State;
    internal byte Flags;
    internal byte Type;
}

/// <summary>Address families of the kernel (linux/socket.h), which differ from .NET's.</summary>
internal static class KernelFamily
{
    internal const byte Unspecified = 0; // AF_UNSPEC
    internal const byte IPv4 = 2; // AF_INET
    internal const byte IPv6 = 10; // AF_INET6
}

/// <summary>IFLA_*.</summary>
internal enum LinkAttribute : ushort
{
    Address = 1, // IFLA_ADDRESS
    Name = 3, // IFLA_IFNAME
    Mtu = 4, // IFLA_MTU
    Peer = 5, // IFLA_LINK
    Master = 10, // IFLA_MASTER
    Info = 18, // IFLA_LINKINFO
    Alias = 20, // IFLA_IFALIAS
    FamilySettings = 26, // IFLA_AF_SPEC: one nested attribute an address family
    Group = 27, // IFLA_GROUP
    NetnsFd = 28, // IFLA_NET_NS_FD
    ExtendedMask = 29, // IFLA_EXT_MASK
    SendQueues = 31, // IFLA_NUM_TX_QUEUES
    ReceiveQueues = 32, // IFLA_NUM_RX_QUEUES
    PeerNetnsId = 37, // IFLA_LINK_NETNSID
}

/// <summary>IFLA_INET6_*, nested in IFLA_AF_SPEC's AF_INET6.</summary>
internal enum IPv6LinkAttribute : ushort
{
    AddressGeneration = 8, // IFLA_INET6_ADDR_GEN_MODE
}

/// <summary>IFLA_INFO_*, nested in IFLA_LINKINFO.</summary>
internal enum LinkInfoAttribute : ushort
{
    Kind = 1, // IFLA_INFO_KIND
    Data = 2, // IFLA_INFO_DATA
    PortKind = 4, // IFLA_INFO_SLAVE_KIND
    PortData = 5, // IFLA_INFO_SLAVE_DATA
}

/// <summary>IFLA_BR_*, nested in IFLA_INFO_DATA.</summary>
internal enum BridgeAttribute : ushort
{
    MulticastSnooping = 23, // IFLA_BR_MCAST_SNOOPING
}

/// <summary>IFLA_BRPORT_*, nested in IFLA_INFO_SLAVE_DATA of a port whose IFLA_INFO_SLAVE_KIND is bridge.</summary>
internal enum BridgePortAttribute : ushort
{
    Hairpin = 4, // IFLA_BRPORT_MODE
}

/// <summary>VETH_INFO_*, nested in IFLA_INFO_DATA.</summary>
internal enum VethAttribute : ushort
{
    Peer = 1, // VETH_INFO_PEER: ifinfomsg and link attributes of the far end
}

/// <summary>IFA_*.</summary>
internal enum AddressAttribute : ushort
{
    Address = 1, // IFA_ADDRESS: the prefix, or the peer on point-to-point links
    Local = 2, // IFA_LOCAL
}

/// <summary>NDA_* (linux/neighbour.h).</summary>
internal enum NeighbourAttribute : ushort
{
    Destination = 1, // NDA_DST
    HardwareAddress = 2, // NDA_LLADDR
}

/// <summary>RTA_*.</summary>
internal enum RouteAttribute : ushort
{
    Destination = 1, // RTA_DST
    OutputLink = 4, // RTA_OIF
    Gateway = 5, // RTA_GATEWAY
    Table = 15, // RTA_TABLE
}
