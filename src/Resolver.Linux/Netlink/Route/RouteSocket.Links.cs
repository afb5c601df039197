// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Linux.Netlink.Route;

/// <content>Links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK.</content>
public sealed partial class RouteSocket
{
    private const MessageFlags CreateNew = MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive;
    private const int SkipStatistics = 1 << 3; // RTEXT_FILTER_SKIP_STATS
    private const byte FromHardwareAddress = 0; // IN6_ADDR_GEN_MODE_EUI64
    private const byte NoAddress = 1; // IN6_ADDR_GEN_MODE_NONE

    /// <summary>RTM_NEWLINK kind bridge, down.</summary>
    /// <returns>Its index.</returns>
    /// <exception cref="KernelException">EEXIST when a link has the name.</exception>
    public LinkIndex CreateBridge(BridgeSpec spec)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, CreateNew).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.Name, spec.Name);
        WriteOptional(request, null, spec.HardwareAddress, spec.Mtu);
        WriteGroup(request, spec.Group);
        using (request.Nest((ushort)LinkAttribute.Info))
        {
            request.Attribute((ushort)LinkInfoAttribute.Kind, "bridge");

            // Without a querier, which the kernel's bridge is not by default, snooping floods all the same; and with it each port that comes or goes
            // has the timers of all others set.
            using (request.Nest((ushort)LinkInfoAttribute.Data))
            {
                request.Attribute((ushort)BridgeAttribute.MulticastSnooping, [0]);
            }
        }

        return Create(request, spec.Name, spec.Alias, $"bridge {spec.Name}");
    }

    /// <summary>RTM_NEWLINK kind veth, then what the kernel takes from existing links alone, then up. All or nothing.</summary>
    /// <exception cref="KernelException">EEXIST when either name is taken in its namespace.</exception>
    public void CreateVeth(VethSpec spec)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, CreateNew).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.Name, spec.Name);
        WriteOptional(request, null, null, spec.Mtu);
        WriteGroup(request, spec.Group);
        WriteOneQueue(request);
        if (spec.Master is { } master)
        {
            request.Attribute((ushort)LinkAttribute.Master, master.Value);
        }

        using (request.Nest((ushort)LinkAttribute.Info))
        {
            request.Attribute((ushort)LinkInfoAttribute.Kind, "veth");
            using (request.Nest((ushort)LinkInfoAttribute.Data))
            using (request.Nest((ushort)VethAttribute.Peer))
            {
                request.Struct(default(LinkHeader));
                request.Attribute((ushort)LinkAttribute.Name, spec.PeerName);
                request.Attribute((ushort)LinkAttribute.NetnsFd, (int)spec.PeerNetns.Handle.DangerousGetHandle());
                WriteOptional(request, null, spec.PeerHardwareAddress, spec.PeerMtu ?? spec.Mtu);
                WriteOneQueue(request);
            }
        }

        Execute(request, $"veth {spec.Name} with {spec.PeerName} in {spec.PeerNetns.Path}");
        try
        {
            DressVeth(spec);
        }
        catch (KernelException) when (FindLink(spec.Name) is { } made)
        {
            DeleteLink(made.Index);
            throw;
        }
    }

    /// <summary>RTM_DELLINK.</summary>
    /// <exception cref="KernelException">ENODEV when it is gone.</exception>
    public void DeleteLink(LinkIndex link)
    {
        Execute(new NetlinkWriter(MessageType.DeleteLink, MessageFlags.Ack).Struct(new LinkHeader { Index = link.Value }), $"link {link.Value}");
    }

    /// <summary>RTM_NEWLINK on an existing link: only what is not null changes.</summary>
    /// <exception cref="KernelException">ENODEV when it is gone; EINVAL for an MTU that the driver refuses.</exception>
    public void SetLink(LinkIndex link, LinkChange change) => Execute(Change(link.Value, null, change), $"link {link.Value}");

    /// <inheritdoc cref="SetLink(LinkIndex, LinkChange)"/>
    /// <param name="name">The link's name: one request instead of two where its index is not known.</param>
    /// <param name="change">What changes.</param>
    public void SetLink(string name, LinkChange change) => Execute(Change(0, name, change), $"link {name}");

    /// <summary>RTM_GETLINK by name; null if there is none.</summary>
    public Link? FindLink(string name)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetLink, MessageFlags.None).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.ExtendedMask, SkipStatistics);
        request.Attribute((ushort)LinkAttribute.Name, name);
        lock (_lock)
        {
            return _socket.Execute(request, $"link {name}", LinkParser.Parse, out Link? link, absence: Errno.ENODEV) ? link : null;
        }
    }

    /// <summary>RTM_GETLINK by index; null if there is none.</summary>
    public Link? FindLink(LinkIndex index)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetLink, MessageFlags.None).Struct(new LinkHeader { Index = index.Value });
        request.Attribute((ushort)LinkAttribute.ExtendedMask, SkipStatistics);
        lock (_lock)
        {
            return _socket.Execute(request, $"link {index.Value}", LinkParser.Parse, out Link? link, absence: Errno.ENODEV) ? link : null;
        }
    }

    /// <summary>All links.</summary>
    public ImmutableArray<Link> Links()
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetLink, MessageFlags.Dump).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.ExtendedMask, SkipStatistics);
        return [.. Dump(request, "links", LinkParser.Parse)];
    }

    private static void WriteOptional(NetlinkWriter request, string? alias, byte[]? hardwareAddress, int? mtu)
    {
        if (alias is not null)
        {
            request.Attribute((ushort)LinkAttribute.Alias, alias);
        }

        if (hardwareAddress is not null)
        {
            request.Attribute((ushort)LinkAttribute.Address, hardwareAddress);
        }

        if (mtu is { } octets)
        {
            request.Attribute((ushort)LinkAttribute.Mtu, octets);
        }
    }

    // The kernel uses one of a veth's queues unless it is told otherwise later, and makes room for one each processor all the same.
    private static void WriteOneQueue(NetlinkWriter request)
    {
        request.Attribute((ushort)LinkAttribute.SendQueues, 1);
        request.Attribute((ushort)LinkAttribute.ReceiveQueues, 1);
    }

    private static void WriteGroup(NetlinkWriter request, uint? group)
    {
        if (group is { } number)
        {
            request.Attribute((ushort)LinkAttribute.Group, (int)number);
        }
    }

    // The kernel reads the alias and a port's settings only from requests that change a link (rtnl_changelink in net/core/rtnetlink.c), and
    // would give the port addresses of its own as soon as it is up, if it were not told before.
    private void DressVeth(VethSpec spec)
    {
        LinkChange change = new() { Alias = spec.Alias, GeneratesLinkLocal = spec.GeneratesLinkLocal, IsHairpin = spec.IsHairpin ? true : null };
        Execute(Change(0, spec.Name, change), $"veth {spec.Name}");
        if (spec.Up)
        {
            SetLink(spec.Name, new LinkChange { Up = true });
        }
    }

    private static NetlinkWriter Change(int index, string? name, LinkChange change)
    {
        LinkHeader header = new() { Index = index };
        if (change.Up is { } up)
        {
            header.Change = LinkHeader.Up;
            header.Flags = up ? LinkHeader.Up : 0;
        }

        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, MessageFlags.Ack).Struct(header);
        if (name is not null)
        {
            request.Attribute((ushort)LinkAttribute.Name, name);
        }

        WriteOptional(request, change.Alias, change.HardwareAddress, change.Mtu);
        WriteGroup(request, change.Group);
        if (change.Master is { } master)
        {
            request.Attribute((ushort)LinkAttribute.Master, master.Value);
        }

        if (change.IsHairpin is { } isHairpin)
        {
            using (request.Nest((ushort)LinkAttribute.Info))
            {
                request.Attribute((ushort)LinkInfoAttribute.PortKind, "bridge");
                using (request.Nest((ushort)LinkInfoAttribute.PortData))
                {
                    request.Attribute((ushort)BridgePortAttribute.Hairpin, [isHairpin ? (byte)1 : (byte)0]);
                }
            }
        }

        if (change.GeneratesLinkLocal is { } generates)
        {
            using (request.Nest((ushort)LinkAttribute.FamilySettings))
            using (request.Nest(KernelFamily.IPv6))
            {
                request.Attribute((ushort)IPv6LinkAttribute.AddressGeneration, [generates ? FromHardwareAddress : NoAddress]);
            }
        }

        return request;
    }

    // NLM_F_ECHO is newer than the kernels we want to run on, so the index is asked for. The kernel reads IFLA_IFALIAS only from requests that
    // change a link (do_setlink in net/core/rtnetlink.c), so the alias is a request of its own.
    private LinkIndex Create(NetlinkWriter request, string name, string? alias, string subject)
    {
        Execute(request, subject);
        LinkIndex index = FindLink(name)?.Index
            ?? throw new KernelException(KernelNames.Of(request.Type), subject, Errno.ENODEV, "it vanished at once");
        if (alias is not null)
        {
            try
            {
                SetLink(index, new LinkChange { Alias = alias });
            }
            catch (KernelException)
            {
                DeleteLink(index);
                throw;
            }
        }

        return index;
    }
}
