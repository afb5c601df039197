// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink;

// linux/netlink.h

/// <summary>nlmsg_flags.</summary>
[Flags]
internal enum MessageFlags : ushort
{
    None = 0,
    Request = 0x1, // NLM_F_REQUEST
    Multi = 0x2, // NLM_F_MULTI
    Ack = 0x4, // NLM_F_ACK
    Echo = 0x8, // NLM_F_ECHO
    DumpInterrupted = 0x10, // NLM_F_DUMP_INTR
    Dump = 0x300, // NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH
    Exclusive = 0x200, // NLM_F_EXCL (modifiers of NEW requests); in NLMSG_ERROR the same bit is NLM_F_ACK_TLVS
    Create = 0x400, // NLM_F_CREATE
    Append = 0x800, // NLM_F_APPEND
    Replace = 0x100, // NLM_F_REPLACE (modifiers of NEW requests); in NLMSG_ERROR the same bit is NLM_F_CAPPED
}

/// <summary>nlmsg_type below NLMSG_MIN_TYPE, and those of rtnetlink (linux/rtnetlink.h).</summary>
internal enum MessageType : ushort
{
    Error = 2, // NLMSG_ERROR
    Done = 3, // NLMSG_DONE
    NewLink = 16, // RTM_NEWLINK
    DeleteLink = 17, // RTM_DELLINK
    GetLink = 18, // RTM_GETLINK
    NewAddress = 20, // RTM_NEWADDR
    DeleteAddress = 21, // RTM_DELADDR
    GetAddress = 22, // RTM_GETADDR
    NewRoute = 24, // RTM_NEWROUTE
    DeleteRoute = 25, // RTM_DELROUTE
    GetRoute = 26, // RTM_GETROUTE
    NewNeighbour = 28, // RTM_NEWNEIGH
    NewFlow = 0x100, // NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW (linux/netfilter/nfnetlink_conntrack.h)
    GetFlow = 0x101, // IPCTNL_MSG_CT_GET
    DeleteFlow = 0x102, // IPCTNL_MSG_CT_DELETE
    NewTable = 0xA00, // NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE (linux/netfilter/nf_tables.h)
    DeleteTable = 0xA02, // NFT_MSG_DELTABLE
    NewChain = 0xA03, // NFT_MSG_NEWCHAIN
    DeleteChain = 0xA05, // NFT_MSG_DELCHAIN
    NewRule = 0xA06, // NFT_MSG_NEWRULE
    DeleteRule = 0xA08, // NFT_MSG_DELRULE
    DeleteSet = 0xA0B, // NFT_MSG_DELSET
    NewElements = 0xA0C, // NFT_MSG_NEWSETELEM
    GetElements = 0xA0D, // NFT_MSG_GETSETELEM
    DeleteElements = 0xA0E, // NFT_MSG_DELSETELEM
    NewGeneration = 0xA0F, // NFT_MSG_NEWGEN
    GetGeneration = 0xA10, // NFT_MSG_GETGEN
}

/// <summary>Attributes of an extended ack.</summary>
internal enum AckAttribute : ushort
{
    Message = 1, // NLMSGERR_ATTR_MSG
    Offset = 2, // NLMSGERR_ATTR_OFFS
}
