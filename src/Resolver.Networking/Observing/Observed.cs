// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Linux.Netlink.Route;

namespace Resolver.Networking.Observing;

/// <summary>What the kernel has of one network.</summary>
internal sealed record ObservedNetwork
{
    internal Link? Bridge { get; init; }

    internal ImmutableArray<AddressEntry> Addresses { get; init; } = [];

    /// <summary>True when the firewall knows the bridge.</summary>
    internal bool HasElements { get; init; }

    /// <summary>Links of the host, not ours and no port of a bridge, that take routes from router advertisements only as long as the host does not forward.</summary>
    internal ImmutableArray<string> LinksThatBelieveRouters { get; init; } = [];

    /// <summary>Parameters that matter, as they are.</summary>
    internal ImmutableDictionary<string, string> Sysctls { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>What the kernel has of one endpoint.</summary>
internal sealed record ObservedEndpoint
{
    internal Link? HostLink { get; init; }

    /// <summary>The index of the network's bridge; null when it is missing.</summary>
    internal LinkIndex? Bridge { get; init; }

    internal Link? SandboxLink { get; init; }

    internal ImmutableArray<AddressEntry> Addresses { get; init; } = [];

    /// <summary>The gateways of the sandbox's default routes, of both families.</summary>
    internal ImmutableArray<IPAddress> DefaultGateways { get; init; } = [];

    /// <summary>The sandbox's other routes.</summary>
    internal ImmutableArray<RouteEntry> Routes { get; init; } = [];

    /// <summary>Those of the endpoint's parameters that the kernel has, by their paths.</summary>
    internal ImmutableDictionary<string, string> Sysctls { get; init; } = ImmutableDictionary<string, string>.Empty;

    internal bool HasReservedPorts { get; init; }

    /// <summary>True when the firewall knows the endpoint's addresses and ports.</summary>
    internal bool HasElements { get; init; }

    /// <summary>True when the sandbox can be worked in.</summary>
    internal bool HasAccess { get; init; }
}
