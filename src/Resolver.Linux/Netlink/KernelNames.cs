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
        _ => type.ToString(),
    };
}
