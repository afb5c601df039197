// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf.WellKnownTypes;
using Resolver.Control;
using Resolver.Core.Endpoints;
using Endpoint = Resolver.Core.Endpoints.Endpoint;
using Messages = Resolver.Contract.V1;

namespace Resolver.Daemon.Mapping;

/// <summary>Sandboxes and endpoints as messages.</summary>
/// <param name="filesDirectory">Under which the sandboxes' files lie, in a directory of the sandbox's name each.</param>
internal sealed class SandboxMessages(string filesDirectory)
{
    /// <summary>A sandbox with its endpoints.</summary>
    public Messages.Sandbox From(DesiredState state, Sandbox sandbox)
    {
        Messages.Sandbox message = new()
        {
            Id = sandbox.Id.Value,
            Name = sandbox.Name.Value,
            NetnsPath = sandbox.NetnsPath,
            FilesDirectory = Path.Combine(filesDirectory, sandbox.Name.Value),
            OwnsNetns = sandbox.OwnsNetns,
            Hostname = sandbox.Hostname?.Value ?? sandbox.Name.Value,
        };
        if (sandbox.Process is { } process)
        {
            message.ProcessId = process.Pid;
        }

        message.Upstreams.AddRange(sandbox.Upstreams.Select(upstream => upstream.ToString()));
        message.Endpoints.AddRange(state.EndpointsOfSandbox(sandbox.Id).Select(endpoint => From(state, endpoint)));
        return message;
    }

    /// <summary>An endpoint. A name is empty when its object was removed since the endpoint was read.</summary>
    public static Messages.Endpoint From(DesiredState state, Endpoint endpoint)
    {
        Messages.Endpoint message = new()
        {
            Id = endpoint.Id.Value,
            NetworkId = endpoint.NetworkId.Value,
            NetworkName = state.Networks.TryGetValue(endpoint.NetworkId, out Core.Networks.Network? network) ? network.Name.Value : "",
            SandboxId = endpoint.SandboxId.Value,
            SandboxName = state.Sandboxes.TryGetValue(endpoint.SandboxId, out Sandbox? sandbox) ? sandbox.Name.Value : "",
            HostLink = endpoint.HostLink.Value,
            SandboxLink = endpoint.SandboxLink.Value,
            MacAddress = endpoint.Mac.ToString(),
            ProvidesDefaultRoute = endpoint.ProvidesDefaultRoute,
            ProvidesIpv6DefaultRoute = endpoint.ProvidesIPv6DefaultRoute,
            GatewayPriority = endpoint.GatewayPriority,
            Phase = endpoint.Phase == EndpointPhase.Settled ? Messages.EndpointPhase.Settled : Messages.EndpointPhase.Pending,
            CreatedAt = Timestamp.FromDateTimeOffset(endpoint.CreatedAt),
        };
        message.Addresses.AddRange(endpoint.Addresses.Select(address => address.ToString()));
        message.Aliases.AddRange(endpoint.Aliases.Select(alias => alias.Value));
        message.Ports.AddRange(endpoint.Ports.Select(From));
        if (endpoint.Mtu is { } mtu)
        {
            message.Mtu = (uint)mtu;
        }

        message.Sysctls.AddRange(endpoint.Sysctls.Select(sysctl => sysctl.ToString()));
        message.Routes.AddRange(endpoint.Routes.Select(From));
        message.Links.AddRange(endpoint.Links.Select(link => link.ToString()));
        return message;
    }

    private static Messages.StaticRoute From(StaticRoute route) => new() { Destination = route.Destination.ToString(), Gateway = route.Gateway.ToString() };

    private static Messages.PublishedPort From(PublishedPort port) => new()
    {
        HostAddress = port.HostAddress.ToString(),
        HostPort = port.HostPorts.First,
        HostPortEnd = port.HostPorts.Count == 1 ? 0u : port.HostPorts.Last,
        EndpointPort = port.EndpointPorts.First,
        EndpointPortEnd = port.EndpointPorts.Count == 1 ? 0u : port.EndpointPorts.Last,
        Protocol = port.Protocol switch
        {
            TransportProtocol.Udp => Messages.TransportProtocol.Udp,
            TransportProtocol.Sctp => Messages.TransportProtocol.Sctp,
            _ => Messages.TransportProtocol.Tcp,
        },
    };
}
