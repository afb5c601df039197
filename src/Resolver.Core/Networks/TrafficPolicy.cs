// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Names;

namespace Resolver.Core.Networks;

/// <summary>What may enter and leave a network, and under which address. Immutable.</summary>
public sealed record TrafficPolicy
{
    /// <summary>What Docker's users expect of a network that they say nothing about.</summary>
    public static TrafficPolicy Default { get; } = new();

    /// <summary>True for a network without a way out or in (--internal): no default route, no upstreams, and nothing of the host on the bridge.</summary>
    public bool IsInternal { get; init; }

    /// <summary>False to keep the network's endpoints apart from each other (--icc=false); what they publish is reached all the same.</summary>
    public bool AllowsPeers { get; init; } = true;

    /// <summary>What the gateway does with IPv4.</summary>
    public GatewayMode IPv4Mode { get; init; }

    /// <summary>What the gateway does with IPv6.</summary>
    public GatewayMode IPv6Mode { get; init; }

    /// <summary>Links of the host from which every port of every endpoint is reached at its own address.</summary>
    public ImmutableArray<InterfaceName> TrustedLinks { get; init; } = [];

    /// <summary>False to let packets leave with the endpoint's own address, for networks that the others have routes to.</summary>
    public bool Masquerades { get; init; } = true;

    /// <summary>Addresses of the host that packets leave with instead of that of the link they leave by; at most one per family.</summary>
    public ImmutableArray<IPAddress> SourceAddresses { get; init; } = [];

    /// <summary>True to let endpoints send with addresses that are not theirs, as routers, VPNs and virtual machines inside a sandbox do.</summary>
    public bool AllowsSpoofing { get; init; }

    /// <summary>The mode of one family.</summary>
    public GatewayMode ModeOf(AddressFamily family) => family == AddressFamily.InterNetwork ? IPv4Mode : IPv6Mode;

    /// <summary>True if endpoints get a default route of one family.</summary>
    public bool HasWayOut(AddressFamily family) => !IsInternal && ModeOf(family) != GatewayMode.Isolated;

    /// <summary>The address that packets of one family leave with; null for that of the link.</summary>
    public IPAddress? SourceAddressOf(AddressFamily family) => SourceAddresses.FirstOrDefault(address => address.AddressFamily == family);
}
