// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Linux.Netlink.Conntrack;

/// <summary>A tracked flow as the kernel reports it (IPCTNL_MSG_CT_NEW).</summary>
public sealed record Flow
{
    /// <summary>The transport's IANA number (CTA_PROTO_NUM).</summary>
    public required byte Protocol { get; init; }

    /// <summary>Where its first packet was sent to, before any translation (CTA_TUPLE_ORIG).</summary>
    public required IPEndPoint Destination { get; init; }

    /// <summary>Who answers it (CTA_TUPLE_REPLY's source): another address than <see cref="Destination"/> if it is translated.</summary>
    public required IPEndPoint Responder { get; init; }

    /// <summary>CTA_TUPLE_ORIG as it came: what names the flow to the kernel.</summary>
    internal byte[] Original { get; init; } = [];
}
