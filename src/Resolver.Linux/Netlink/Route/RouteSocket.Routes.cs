// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;

namespace Resolver.Linux.Netlink.Route;

/// <content>Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE.</content>
public sealed partial class RouteSocket
{
    /// <summary>RTM_NEWROUTE into the main table (NLM_F_EXCL).</summary>
    /// <exception cref="KernelException">EEXIST; ENETUNREACH when the gateway is on no link.</exception>
    public void AddRoute(RouteEntry route)
    {
        byte scope = route.Gateway is null ? RouteHeader.LinkScope : RouteHeader.UniverseScope;
        Execute(RouteRequest(MessageType.NewRoute, CreateNew, route, scope), Describe(route));
    }

    /// <summary>RTM_DELROUTE.</summary>
    /// <exception cref="KernelException">ESRCH when it is not there.</exception>
    public void RemoveRoute(RouteEntry route) =>
        Execute(RouteRequest(MessageType.DeleteRoute, MessageFlags.Ack, route, RouteHeader.NowhereScope), Describe(route));

    /// <summary>All routes of the main table, both families: those that lead somewhere and those that say that nothing does (blackhole, unreachable, prohibit).</summary>
    public ImmutableArray<RouteEntry> Routes()
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetRoute, MessageFlags.Dump).Struct(new RouteHeader { Table = RouteHeader.MainTable });
        return [.. Dump(request, "routes", ParseMainRoute)];
    }

    /// <summary>The route the kernel would take to an address (RTM_GETROUTE); null when there is none (ENETUNREACH).</summary>
    public RouteEntry? RouteTo(IPAddress destination)
    {
        byte[] octets = destination.GetAddressBytes();
        NetlinkWriter request = new NetlinkWriter(MessageType.GetRoute, MessageFlags.None).Struct(new RouteHeader
        {
            Family = FamilyOf(destination),
            DestinationLength = (byte)(octets.Length * 8),
        });
        request.Attribute((ushort)RouteAttribute.Destination, octets);
        try
        {
            lock (_lock)
            {
                return _socket.Execute(request, $"route to {destination}", ParseRoute, out RouteEntry? route) ? route : null;
            }
        }
        catch (KernelException e) when (e.Errno is Errno.ENETUNREACH or Errno.EHOSTUNREACH)
        {
            return null;
        }
    }

    private static NetlinkWriter RouteRequest(MessageType type, MessageFlags flags, RouteEntry route, byte scope)
    {
        NetlinkWriter request = new NetlinkWriter(type, flags).Struct(new RouteHeader
        {
            Family = FamilyOf(route.Destination.BaseAddress),
            DestinationLength = (byte)route.Destination.PrefixLength,
            Table = RouteHeader.MainTable,
            Protocol = type == MessageType.NewRoute ? RouteHeader.StaticProtocol : (byte)0,
            Scope = scope,
            Type = type == MessageType.NewRoute ? RouteHeader.Unicast : (byte)0,
        });
        if (route.Destination.PrefixLength > 0)
        {
            request.Attribute((ushort)RouteAttribute.Destination, route.Destination.BaseAddress.GetAddressBytes());
        }

        if (route.Gateway is { } gateway)
        {
            request.Attribute((ushort)RouteAttribute.Gateway, gateway.GetAddressBytes());
        }

        if (route.Link is { } link)
        {
            request.Attribute((ushort)RouteAttribute.OutputLink, link.Value);
        }

        return request;
    }

    private static RouteEntry? ParseMainRoute(in ReceivedMessage message)
    {
        RouteHeader header = message.Payload.Length >= RouteHeader.LengthBytes ? MemoryMarshal.Read<RouteHeader>(message.Payload) : default;
        bool counts = header.Type is RouteHeader.Unicast or RouteHeader.Blackhole or RouteHeader.Unreachable or RouteHeader.Prohibit;
        return header.Table == RouteHeader.MainTable && counts ? ParseRoute(in message) : null;
    }

    private static RouteEntry? ParseRoute(in ReceivedMessage message)
    {
        if (message.Type != MessageType.NewRoute || message.Payload.Length < RouteHeader.LengthBytes)
        {
            return null;
        }

        RouteHeader header = MemoryMarshal.Read<RouteHeader>(message.Payload);
        IPAddress destination = header.Family == KernelFamily.IPv4 ? IPAddress.Any : IPAddress.IPv6Any;
        IPAddress? gateway = null;
        LinkIndex? link = null;
        AttributeReader attributes = new(message.Payload[RouteHeader.LengthBytes..]);
        while (attributes.TryRead())
        {
            switch ((RouteAttribute)attributes.Type)
            {
                case RouteAttribute.Destination:
                    destination = new IPAddress(attributes.Value);
                    break;
                case RouteAttribute.Gateway:
                    gateway = new IPAddress(attributes.Value);
                    break;
                case RouteAttribute.OutputLink:
                    link = new LinkIndex(attributes.Int32());
                    break;
                default:
                    break;
            }
        }

        return header.Family is KernelFamily.IPv4 or KernelFamily.IPv6
            ? new RouteEntry(new IPNetwork(destination, header.DestinationLength), gateway, link)
            : null;
    }

    private static string Describe(RouteEntry route) => route.Gateway is null ? $"route {route.Destination}" : $"route {route.Destination} via {route.Gateway}";
}
