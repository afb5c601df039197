// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Netlink.Route;

/// <summary>
/// Hears of changes to the links of the namespace in which it was opened, and of addresses that they lose, whoever is behind it: messages of the
/// groups RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR and RTNLGRP_IPV6_IFADDR (linux/rtnetlink.h). One reader at a time.
/// </summary>
public sealed class LinkWatch : IDisposable
{
    private const int LinkGroup = 1; // RTNLGRP_LINK
    private const int IPv4AddressGroup = 5; // RTNLGRP_IPV4_IFADDR
    private const int IPv6AddressGroup = 9; // RTNLGRP_IPV6_IFADDR

    private readonly MulticastSocket _socket = MulticastSocket.Open(Libc.NETLINK_ROUTE, [LinkGroup, IPv4AddressGroup, IPv6AddressGroup], "RTNLGRP_LINK");

    private LinkWatch()
    {
    }

    /// <summary>Opens one in the calling thread's namespace.</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public static LinkWatch Open() => new();

    /// <summary>Waits until something has happened.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _socket.WaitAsync(cancellationToken);

    /// <summary>What has happened since the last time, without waiting.</summary>
    /// <exception cref="KernelException">The socket failed.</exception>
    public ImmutableArray<LinkEvent> Take()
    {
        ImmutableArray<LinkEvent>.Builder events = ImmutableArray.CreateBuilder<LinkEvent>();
        while (true)
        {
            switch (_socket.Take(out ReadOnlySpan<byte> datagram))
            {
                case Heard.Nothing:
                    return events.ToImmutable();
                case Heard.Lost:
                    events.Add(new LinkEvent.Lost());
                    break;
                default:
                    Parse(datagram, events);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void Parse(ReadOnlySpan<byte> datagram, ImmutableArray<LinkEvent>.Builder events)
    {
        MessageReader reader = new(datagram);
        while (reader.TryRead(out ReceivedMessage message))
        {
            switch (message.Type)
            {
                case MessageType.NewLink or MessageType.DeleteLink when message.Payload.Length >= LinkHeader.LengthBytes:
                    events.Add(ParseLink(message.Payload[LinkHeader.LengthBytes..]));
                    break;
                case MessageType.DeleteAddress when message.Payload.Length >= AddressHeader.LengthBytes:
                    events.Add(new LinkEvent.AddressRemoved(new LinkIndex(MemoryMarshal.Read<AddressHeader>(message.Payload).Index)));
                    break;
            }
        }
    }

    private static LinkEvent.Changed ParseLink(ReadOnlySpan<byte> octets)
    {
        (string name, string? alias) = ("", null);
        AttributeReader attributes = new(octets);
        while (attributes.TryRead())
        {
            switch ((LinkAttribute)attributes.Type)
            {
                case LinkAttribute.Name:
                    name = attributes.Text();
                    break;
                case LinkAttribute.Alias:
                    alias = attributes.Text();
                    break;
            }
        }

        return new LinkEvent.Changed(name, alias);
    }
}
