// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink;

/// <summary>How the kernel's headers call a request: what people search for.</summary>
internal static class KernelNames
{
    internal static string Of(MessageType type) => type switch
    {
        MessageType.NewLink => "RTM_NEWLINK",
        MessageType.DeleteLink => "RTM_DELLINK",
        MessageType.GetLink => "RTM_GETLINK",
        MessageType.NewAddress => "RTM_NEWADDR",
        MessageType.DeleteAddress => "RTM_DELADDR",
        MessageType.GetAddress => "RTM_GETADDR",
        MessageType.NewRoute => "RTM_NEWROUTE",
        MessageType.DeleteRoute => "RTM_DELROUTE",
        MessageType.GetRoute => "RTM_GETROUTE",
        MessageType.NewNeighbour => "RTM_NEWNEIGH",
        MessageType.GetFlow => "IPCTNL_MSG_CT_GET",
        MessageType.DeleteFlow => "IPCTNL_MSG_CT_DELETE",
        MessageType.NewTable => "NFT_MSG_NEWTABLE",
        MessageType.DeleteTable => "NFT_MSG_DELTABLE",
        MessageType.NewChain => "NFT_MSG_NEWCHAIN",
        MessageType.NewRule => "NFT_MSG_NEWRULE",
        MessageType.DeleteRule => "NFT_MSG_DELRULE",
        MessageType.NewElements => "NFT_MSG_NEWSETELEM",
        MessageType.GetElements => "NFT_MSG_GETSETELEM",
        MessageType.DeleteElements => "NFT_MSG_DELSETELEM",
        MessageType.GetGeneration => "NFT_MSG_GETGEN",
        _ => type.ToString(),
    };
}
