// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;

namespace Resolver.Linux.Netlink.Route;

/// <content>Addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR.</content>
public sealed partial class RouteSocket
{
    /// <summary>RTM_NEWADDR (NLM_F_EXCL: EEXIST if it is there). IPv6 addresses get IFA_F_NODAD.</summary>
    public void AddAddress(AddressEntry address) => Execute(AddressRequest(MessageType.NewAddress, CreateNew, address), Describe(address));

    /// <summary>RTM_DELADDR.</summary>
    /// <exception cref="KernelException">EADDRNOTAVAIL when it is not there.</exception>
    public void RemoveAddress(AddressEntry address) =>
        Execute(AddressRequest(MessageType.DeleteAddress, MessageFlags.Ack, address), Describe(address));

    /// <summary>All addresses, or those of one link.</summary>
    public ImmutableArray<AddressEntry> Addresses(LinkIndex? link = null)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetAddress, MessageFlags.Dump)
            .Struct(new AddressHeader { Index = link?.Value ?? 0 });
        return [.. Dump(request, "addresses", ParseAddress)];
    }

    private static NetlinkWriter AddressRequest(MessageType type, MessageFlags flags, AddressEntry address)
    {
        byte family = FamilyOf(address.Address);
        NetlinkWriter request = new NetlinkWriter(type, flags).Struct(new AddressHeader
        {
            Family = family,
            PrefixLength = (byte)address.PrefixLength,
            Flags = family == KernelFamily.IPv6 ? AddressHeader.NoDuplicateDetection : (byte)0,
            Index = address.Link.Value,
        });
        byte[] octets = address.Address.GetAddressBytes();
        return request.Attribute((ushort)AddressAttribute.Local, octets).Attribute((ushort)AddressAttribute.Address, octets);
    }

    private static AddressEntry? ParseAddress(in ReceivedMessage message)
    {
        if (message.Type != MessageType.NewAddress || message.Payload.Length < AddressHeader.LengthBytes)
        {
            return null;
        }

        AddressHeader header = MemoryMarshal.Read<AddressHeader>(message.Payload);
        IPAddress? local = null;
        IPAddress? address = null;
        AttributeReader attributes = new(message.Payload[AddressHeader.LengthBytes..]);
        while (attributes.TryRead())
        {
            switch ((AddressAttribute)attributes.Type)
            {
                case AddressAttribute.Local:
                    local = new IPAddress(attributes.Value);
                    break;
                case AddressAttribute.Address:
                    address = new IPAddress(attributes.Value);
                    break;
                default:
                    break;
            }
        }

        return (local ?? address) is { } found ? new AddressEntry(new LinkIndex(header.Index), found, header.PrefixLength) : null;
    }

    private static string Describe(AddressEntry address) => $"address {address.Address}/{address.PrefixLength} on link {address.Link.Value}";
}
