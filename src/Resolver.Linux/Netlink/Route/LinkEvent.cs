// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink.Route;

/// <summary>What happened to the links of a namespace. The set of cases is closed.</summary>
public abstract record LinkEvent
{
    private LinkEvent()
    {
    }

    /// <summary>A link came, changed or went.</summary>
    /// <param name="Name">Its name now, or when it went.</param>
    /// <param name="Alias">Its alias; null if it has none, or if the message does not tell.</param>
    public sealed record Changed(string Name, string? Alias) : LinkEvent;

    /// <summary>An address was taken from a link, or went with it.</summary>
    /// <param name="Link">The link.</param>
    public sealed record AddressRemoved(LinkIndex Link) : LinkEvent;

    /// <summary>More happened at once than the socket could hold: any link may have changed.</summary>
    public sealed record Lost : LinkEvent;
}
