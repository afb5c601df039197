// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Names;

namespace Resolver.Core.Endpoints;

/// <summary>A sandbox's attachment to one network. Immutable; a change is a new value under the same <see cref="Id"/>.</summary>
public sealed record Endpoint
{
    /// <summary>The identity.</summary>
    public required ObjectId Id { get; init; }

    /// <summary>The network.</summary>
    public required ObjectId NetworkId { get; init; }

    /// <summary>The sandbox.</summary>
    public required ObjectId SandboxId { get; init; }

    /// <summary>The veth's end on the host: <c>ve</c> and the first 12 digits of <see cref="Id"/>.</summary>
    public required InterfaceName HostLink { get; init; }

    /// <summary>The veth's end in the sandbox: <c>eth0</c>, <c>eth1</c> and so on, unless asked for.</summary>
    public required InterfaceName SandboxLink { get; init; }

    /// <summary>The MAC address of the sandbox's end.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The addresses, one per subnet of the network, in the network's order.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Which of the sandbox's networks come first, as default route and for names: higher ones do (--gw-priority).</summary>
    public int GatewayPriority { get; init; }

    /// <summary>True if this endpoint's gateway is the sandbox's IPv4 default route.</summary>
    public required bool ProvidesDefaultRoute { get; init; }

    /// <summary>True if this endpoint's gateway is the sandbox's IPv6 default route.</summary>
    public bool ProvidesIPv6DefaultRoute { get; init; }

    /// <summary>Names of the sandbox on this network beside its own.</summary>
    public ImmutableArray<DnsName> Aliases { get; init; } = [];

    /// <summary>The published ports.</summary>
    public ImmutableArray<PublishedPort> Ports { get; init; } = [];

    /// <summary>
    /// The address that a published port is relayed to by a process of the host, because the kernel translates no address to another family and nothing
    /// that is sent to ::1; null for what the kernel translates alone, and for transports that are not relayed.
    /// </summary>
    public IPAddress? RelayTarget(PublishedPort port)
    {
        IPAddress? same = Addresses.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetworkV6);
        bool isNeeded = same is null || port.IsOnAll || IPAddress.IsLoopback(port.HostAddress);
        return port.Family == AddressFamily.InterNetworkV6 && isNeeded && port.Protocol is (TransportProtocol.Tcp or TransportProtocol.Udp)
            ? same ?? Addresses.FirstOrDefault()
            : null;
    }

    /// <summary>The MTU of the sandbox's end in octets; null for the network's.</summary>
    public int? Mtu { get; init; }

    /// <summary>Parameters of the sandbox's end.</summary>
    public ImmutableArray<LinkSysctl> Sysctls { get; init; } = [];

    /// <summary>Routes by way of neighbours on the network.</summary>
    public ImmutableArray<StaticRoute> Routes { get; init; } = [];

    /// <summary>Names that the sandbox alone has for peers on the network.</summary>
    public ImmutableArray<EndpointLink> Links { get; init; } = [];

    /// <summary>How far it has come.</summary>
    public EndpointPhase Phase { get; init; }

    /// <summary>When it was connected; its order among the sandbox's endpoints.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
