// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Linux.Netlink.Route;

/// <content>Links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK.</content>
public sealed partial class RouteSocket
{
    private const MessageFlags CreateNew = MessageFlags.Ack | MessageFlags.Create | MessageFlags.Exclusive;
    private const int SkipStatistics = 1 << 3; // RTEXT_FILTER_SKIP_STATS

    /// <summary>RTM_NEWLINK kind bridge, down.</summary>
    /// <returns>Its index.</returns>
    /// <exception cref="KernelException">EEXIST when a link has the name.</exception>
    public LinkIndex CreateBridge(BridgeSpec spec)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, CreateNew).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.Name, spec.Name);
        WriteOptional(request, null, spec.HardwareAddress, spec.Mtu);
        using (request.Nest((ushort)LinkAttribute.Info))
        {
            request.Attribute((ushort)LinkInfoAttribute.Kind, "bridge");
        }

        return Create(request, spec.Name, spec.Alias, $"bridge {spec.Name}");
    }

    /// <summary>RTM_NEWLINK kind veth.</summary>
    /// <returns>The near end's index.</returns>
    /// <exception cref="KernelException">EEXIST when either name is taken in its namespace.</exception>
    public LinkIndex CreateVeth(VethSpec spec)
    {
        LinkHeader near = spec.Up ? new LinkHeader { Flags = LinkHeader.Up, Change = LinkHeader.Up } : default;
        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, CreateNew).Struct(near);
        request.Attribute((ushort)LinkAttribute.Name, spec.Name);
        WriteOptional(request, null, null, spec.Mtu);
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
                WriteOptional(request, null, spec.PeerHardwareAddress, spec.Mtu);
            }
        }

        return Create(request, spec.Name, spec.Alias, $"veth {spec.Name} with {spec.PeerName} in {spec.PeerNetns.Path}");
    }

    /// <summary>RTM_DELLINK.</summary>
    /// <exception cref="KernelException">ENODEV when it is gone.</exception>
    public void DeleteLink(LinkIndex link)
    {
        Execute(new NetlinkWriter(MessageType.DeleteLink, MessageFlags.Ack).Struct(new LinkHeader { Index = link.Value }), $"link {link.Value}");
    }

    /// <summary>RTM_NEWLINK on an existing link: only what is not null changes.</summary>
    /// <exception cref="KernelException">ENODEV when it is gone; EINVAL for an MTU that the driver refuses.</exception>
    public void SetLink(LinkIndex link, LinkChange change)
    {
        LinkHeader header = new() { Index = link.Value };
        if (change.Up is { } up)
        {
            header.Change = LinkHeader.Up;
            header.Flags = up ? LinkHeader.Up : 0;
        }

        NetlinkWriter request = new NetlinkWriter(MessageType.NewLink, MessageFlags.Ack).Struct(header);
        WriteOptional(request, change.Alias, change.HardwareAddress, change.Mtu);
        if (change.Master is { } master)
        {
            request.Attribute((ushort)LinkAttribute.Master, master.Value);
        }

        Execute(request, $"link {link.Value}");
    }

    /// <summary>RTM_SETLINK of family AF_BRIDGE: lets a bridge port send frames back where they came from.</summary>
    /// <exception cref="KernelException">The link is no port of a bridge (EOPNOTSUPP).</exception>
    public void EnableHairpin(LinkIndex port)
    {
        LinkHeader header = new() { Family = KernelFamily.Bridge, Index = port.Value };
        NetlinkWriter request = new NetlinkWriter(MessageType.SetLink, MessageFlags.Ack).Struct(header);
        using (request.Nest((ushort)LinkAttribute.ProtocolInfo))
        {
            request.Attribute((ushort)BridgePortAttribute.Hairpin, [1]);
        }

        Execute(request, $"hairpin of bridge port {port.Value}");
    }

    /// <summary>RTM_GETLINK by name; null if there is none.</summary>
    public Link? FindLink(string name)
    {
        NetlinkWriter request = new NetlinkWriter(MessageType.GetLink, MessageFlags.Ack).Struct(default(LinkHeader));
        request.Attribute((ushort)LinkAttribute.ExtendedMask, SkipStatistics);
        request.Attribute((ushort)LinkAttribute.Name, name);
        try
        {
            lock (_lock)
            {
                return _socket.Execute(request, $"link {name}", LinkParser.Parse, out Link? link) ? link : null;
            }
        }
        catch (KernelException e) when (e.Errno is Errno.ENODEV)
        {
            return null;
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
