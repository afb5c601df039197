// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Netlink.Route;

/// <summary>RTM_NEWLINK to <see cref="Link"/>.</summary>
internal static class LinkParser
{
    internal static Link? Parse(in ReceivedMessage message)
    {
        if (message.Type != MessageType.NewLink || message.Payload.Length < LinkHeader.LengthBytes)
        {
            return null;
        }

        LinkHeader header = MemoryMarshal.Read<LinkHeader>(message.Payload);
        Link link = new() { Index = new LinkIndex(header.Index), Name = string.Empty, IsUp = (header.Flags & LinkHeader.Up) != 0 };
        AttributeReader attributes = new(message.Payload[LinkHeader.LengthBytes..]);
        while (attributes.TryRead())
        {
            link = With(link, in attributes);
        }

        return link;
    }

    private static Link With(Link link, in AttributeReader attribute) => (LinkAttribute)attribute.Type switch
    {
        LinkAttribute.Name => link with { Name = attribute.Text() },
        LinkAttribute.Alias => link with { Alias = attribute.Text() },
        LinkAttribute.Address => link with { HardwareAddress = [.. attribute.Value] },
        LinkAttribute.Mtu => link with { Mtu = attribute.Int32() },
        LinkAttribute.Group => link with { Group = (uint)attribute.Int32() },
        LinkAttribute.Master => link with { Master = new LinkIndex(attribute.Int32()) },
        LinkAttribute.Peer => link with { Peer = new LinkIndex(attribute.Int32()) },
        LinkAttribute.PeerNetnsId => link with { PeerNetnsId = attribute.Int32() },
        LinkAttribute.Info => link with { Kind = KindOf(attribute.Value) },
        _ => link,
    };

    private static string? KindOf(ReadOnlySpan<byte> info)
    {
        AttributeReader attributes = new(info);
        while (attributes.TryRead())
        {
            if (attributes.Type == (ushort)LinkInfoAttribute.Kind)
            {
                return attributes.Text();
            }
        }

        return null;
    }
}
