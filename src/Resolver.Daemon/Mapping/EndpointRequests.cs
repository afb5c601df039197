// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using PublishedPort = Resolver.Contract.V1.PublishedPort;
using PublishRequest = Resolver.Core.Endpoints.PublishRequest;
using TransportProtocol = Resolver.Core.Endpoints.TransportProtocol;

namespace Resolver.Daemon.Mapping;

/// <summary>Requests about sandboxes and endpoints as changes. Every method refuses with InvalidArgument and the field's name.</summary>
internal static class EndpointRequests
{
    private const int MaxAddresses = 16; // How many make sense is for the admission to say.

    private const int MaxSettings = 64; // Parameters, routes, links: of each.

    /// <summary>A sandbox to connect.</summary>
    public static ConnectEndpoint ToChange(ConnectRequest request) => new(request.Network.Length == 0 ? null : request.Network, Target(request))
    {
        Name = Fields.Optional(request.Name, "name", ObjectName.Parse),
        Aliases = Fields.Each(request.Aliases, "aliases", Fields.MaxAliases, DnsName.Parse),
        Addresses = Fields.Each(request.Addresses, "addresses", MaxAddresses, Fields.Address),
        GatewayPriority = request.GatewayPriority,
        Mac = request.MacAddress.Length == 0 ? null : MacAddress.Parse(request.MacAddress, "mac_address"),
        SandboxLink = Fields.Optional(request.SandboxLink, "sandbox_link", InterfaceName.Parse),
        Ports = Fields.Each(request.Ports, "ports", Fields.MaxPorts, Port),
        Mtu = request.HasMtu ? Fields.Mtu(request.Mtu, "mtu") : null,
        Sysctls = Fields.Each(request.Sysctls, "sysctls", MaxSettings, LinkSysctl.Parse),
        Routes = Fields.Each(request.Routes, "routes", MaxSettings, Route),
        Links = Fields.Each(request.Links, "links", MaxSettings, EndpointLink.Parse),
    };

    /// <summary>An endpoint to remove.</summary>
    public static DisconnectEndpoint ToChange(DisconnectRequest request) =>
        new(Fields.Required(request.Network, "network"), Fields.Required(request.Sandbox, "sandbox"));

    /// <summary>Ports to publish.</summary>
    public static PublishPorts ToChange(Contract.V1.PublishRequest request) =>
        new(Network(request.Network), Fields.Required(request.Sandbox, "sandbox"), Ports(request.Ports));

    /// <summary>Ports to take back.</summary>
    public static UnpublishPorts ToChange(UnpublishRequest request) =>
        new(Network(request.Network), Fields.Required(request.Sandbox, "sandbox"), Ports(request.Ports));

    /// <summary>A sandbox to make.</summary>
    public static CreateSandbox ToChange(CreateSandboxRequest request) => new(
        Fields.Optional(request.Name, "name", ObjectName.Parse),
        request.HasProcessId ? Fields.Pid(request.ProcessId, "process_id") : null,
        Fields.Optional(request.Hostname, "hostname", DnsName.Parse))
    {
        Upstreams = Fields.Each(request.Upstreams, "upstreams", Fields.MaxServers, Upstream.Parse),
    };

    /// <summary>A sandbox to remove.</summary>
    public static RemoveSandbox ToChange(RemoveSandboxRequest request) => new(Fields.Required(request.Sandbox, "sandbox"));

    private static string? Network(string text) => text.Length == 0 ? null : text;

    private static ImmutableArray<PublishRequest> Ports(Google.Protobuf.Collections.RepeatedField<PublishedPort> ports) => ports.Count == 0
        ? throw RefusedException.Invalid("ports", "ports is empty: say which")
        : Fields.Each(ports, "ports", Fields.MaxPorts, Port);

    private static SandboxTarget Target(ConnectRequest request) => request.TargetCase switch
    {
        ConnectRequest.TargetOneofCase.NetnsPath => new SandboxTarget.ByPath(NetnsPath(request.NetnsPath)),
        ConnectRequest.TargetOneofCase.Pid => new SandboxTarget.ByPid(Fields.Pid(request.Pid, "pid")),
        ConnectRequest.TargetOneofCase.Sandbox => new SandboxTarget.Known(Fields.Required(request.Sandbox, "sandbox")),
        _ => throw RefusedException.Invalid("target", "target is missing: give netns_path, pid or sandbox"),
    };

    // A relative path would be looked up in the daemon's working directory, not in the caller's.
    private static string NetnsPath(string text) =>
        Path.IsPathFullyQualified(text) && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw RefusedException.Invalid("netns_path", $"netns_path '{Printable.Quote(text)}' is no absolute path such as /run/netns/web");

    private static Core.Endpoints.StaticRoute Route(Contract.V1.StaticRoute route, string field) =>
        new(Subnet.Parse(route.Destination, field), Fields.Address(route.Gateway, field));

    private static PublishRequest Port(PublishedPort port, string field)
    {
        TransportProtocol protocol = port.Protocol switch
        {
            Contract.V1.TransportProtocol.Unspecified or Contract.V1.TransportProtocol.Tcp => TransportProtocol.Tcp,
            Contract.V1.TransportProtocol.Udp => TransportProtocol.Udp,
            Contract.V1.TransportProtocol.Sctp => TransportProtocol.Sctp,
            _ => throw RefusedException.Invalid(field, $"{field}: protocol {(int)port.Protocol} is none of TCP, UDP and SCTP"),
        };
        PortRange? hostPorts = port.HostPort == 0 && port.HostPortEnd == 0 ? null : Fields.Ports(port.HostPort, port.HostPortEnd, field);
        return new PublishRequest(
            Fields.Optional(port.HostAddress, field, Fields.Address), hostPorts, Fields.Ports(port.EndpointPort, port.EndpointPortEnd, field), protocol)
            .Checked($"{hostPorts}:{port.EndpointPort}", field);
    }
}
