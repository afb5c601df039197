// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using TransportProtocol = Resolver.Core.Endpoints.TransportProtocol;

namespace Resolver.Daemon.Mapping;

/// <summary>Requests about sandboxes and endpoints as changes. Every method refuses with InvalidArgument and the field's name.</summary>
internal static class EndpointRequests
{
    /// <summary>A sandbox to connect.</summary>
    public static ConnectEndpoint ToChange(ConnectRequest request) => new(request.Network.Length == 0 ? null : request.Network, Target(request))
    {
        Name = Fields.Optional(request.Name, "name", ObjectName.Parse),
        Aliases = Fields.Each(request.Aliases, "aliases", Fields.MaxAliases, DnsName.Parse),
        Address = Fields.SingleIPv4(request.Addresses, "addresses"),
        Mac = request.MacAddress.Length == 0 ? null : MacAddress.Parse(request.MacAddress, "mac_address"),
        SandboxLink = Fields.Optional(request.SandboxLink, "sandbox_link", InterfaceName.Parse),
        Ports = Fields.Each(request.Ports, "ports", Fields.MaxPorts, Port),
    };

    /// <summary>An endpoint to remove.</summary>
    public static DisconnectEndpoint ToChange(DisconnectRequest request) =>
        new(Fields.Required(request.Network, "network"), Fields.Required(request.Sandbox, "sandbox"));

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

    private static Core.Endpoints.PublishedPort Port(PublishedPort port, string field)
    {
        IPAddress address = port.HostAddress.Length == 0 ? IPAddress.Any : Fields.Address(port.HostAddress, field);
        if (address.AddressFamily != AddressFamily.InterNetwork)
        {
            throw RefusedException.Invalid(field, $"{field}: {address} is no IPv4 address, and ports are published on IPv4 only");
        }

        TransportProtocol protocol = port.Protocol switch
        {
            Contract.V1.TransportProtocol.Unspecified or Contract.V1.TransportProtocol.Tcp => TransportProtocol.Tcp,
            Contract.V1.TransportProtocol.Udp => TransportProtocol.Udp,
            _ => throw RefusedException.Invalid(field, $"{field}: protocol {(int)port.Protocol} is neither TCP nor UDP"),
        };
        return new Core.Endpoints.PublishedPort(address, Fields.Port(port.HostPort, field), Fields.Port(port.EndpointPort, field), protocol);
    }
}
