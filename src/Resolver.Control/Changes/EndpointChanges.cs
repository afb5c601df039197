// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;

using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>Which sandbox a connect is about. The set of cases is closed.</summary>
public abstract record SandboxTarget
{
    private SandboxTarget()
    {
    }

    /// <summary>A namespace by its file; its sandbox is made if the daemon does not know it yet.</summary>
    /// <param name="Path">Such as /run/netns/web.</param>
    public sealed record ByPath(string Path) : SandboxTarget;

    /// <summary>The namespace of a process; the sandbox ends with the process.</summary>
    /// <param name="Pid">1 and up.</param>
    public sealed record ByPid(int Pid) : SandboxTarget;

    /// <summary>A sandbox that the daemon knows.</summary>
    /// <param name="NameOrId">Its name or id.</param>
    public sealed record Known(string NameOrId) : SandboxTarget;
}

/// <summary>Makes a namespace with its files: a sandbox without endpoints.</summary>
/// <param name="Name">Its name; null for one made of its id.</param>
/// <param name="ProcessId">The process whose end is the sandbox's end; null to keep it until it is removed.</param>
/// <param name="Hostname">Its host name; null for the name.</param>
public sealed record CreateSandbox(ObjectName? Name, int? ProcessId, DnsName? Hostname) : Change
{
    /// <summary>Upstreams of this sandbox alone.</summary>
    public ImmutableArray<Upstream> Upstreams { get; init; } = [];
}

/// <summary>Removes a sandbox with all its endpoints (and its namespace, if the daemon made it).</summary>
/// <param name="Sandbox">Name or id.</param>
public sealed record RemoveSandbox(string Sandbox) : Change;

/// <summary>Attaches a sandbox to a network.</summary>
/// <param name="Network">Name or id; null for the default network.</param>
/// <param name="Target">The sandbox.</param>
public sealed record ConnectEndpoint(string? Network, SandboxTarget Target) : Change
{
    /// <summary>The name of a sandbox that this makes known; null for one made of its id. For a known sandbox: null or its name.</summary>
    public ObjectName? Name { get; init; }

    /// <summary>Further names on this network; refused on the default network.</summary>
    public ImmutableArray<DnsName> Aliases { get; init; } = [];

    /// <summary>The addresses, at most one per family; a family without one gets the next free one.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Which of the sandbox's networks come first: higher ones do.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>The MAC address; null for a random one.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The link's name inside; null for the next of eth0, eth1 and so on.</summary>
    public InterfaceName? SandboxLink { get; init; }

    /// <summary>The MTU of the sandbox's end in octets; null for the network's.</summary>
    public int? Mtu { get; init; }

    /// <summary>Parameters of the sandbox's end.</summary>
    public ImmutableArray<LinkSysctl> Sysctls { get; init; } = [];

    /// <summary>Routes by way of neighbours on the network.</summary>
    public ImmutableArray<StaticRoute> Routes { get; init; } = [];

    /// <summary>Names that the sandbox alone has for peers on the network.</summary>
    public ImmutableArray<EndpointLink> Links { get; init; } = [];

    /// <summary>The ports to publish.</summary>
    public ImmutableArray<PublishRequest> Ports { get; init; } = [];
}

/// <summary>Publishes further ports of an endpoint, all or none.</summary>
/// <param name="Network">Name or id; null for the sandbox's only network, else the one that its default route leads by.</param>
/// <param name="Sandbox">Name or id.</param>
/// <param name="Ports">What to publish; not empty.</param>
public sealed record PublishPorts(string? Network, string Sandbox, ImmutableArray<PublishRequest> Ports) : Change;

/// <summary>Takes published ports of an endpoint back, all or none.</summary>
/// <param name="Network">Name or id; null for the sandbox's only network, else the one that its default route leads by.</param>
/// <param name="Sandbox">Name or id.</param>
/// <param name="Ports">As they were asked for; each must mean one or more that are published.</param>
public sealed record UnpublishPorts(string? Network, string Sandbox, ImmutableArray<PublishRequest> Ports) : Change;

/// <summary>Detaches a sandbox from a network. A sandbox that the daemon did not make is forgotten with its last endpoint.</summary>
/// <param name="Network">Name or id.</param>
/// <param name="Sandbox">Name or id.</param>
public sealed record DisconnectEndpoint(string Network, string Sandbox) : Change;
