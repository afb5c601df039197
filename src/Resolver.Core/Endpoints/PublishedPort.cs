// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;

namespace Resolver.Core.Endpoints;

/// <summary>
/// Ports of the host, on one address or all of one family, that lead to as many ports of an endpoint: the first to the first and so on.
/// Value equality.
/// </summary>
/// <param name="HostAddress">The host's address that is published on; <see cref="IPAddress.Any"/> or <see cref="IPAddress.IPv6Any"/> for all of a family.</param>
/// <param name="HostPorts">The host's ports.</param>
/// <param name="EndpointPorts">The endpoint's ports, as many.</param>
/// <param name="Protocol">The transport.</param>
public sealed record PublishedPort(IPAddress HostAddress, PortRange HostPorts, PortRange EndpointPorts, TransportProtocol Protocol)
{
    /// <summary>One port.</summary>
    public PublishedPort(IPAddress hostAddress, ushort hostPort, ushort endpointPort, TransportProtocol protocol)
        : this(hostAddress, new PortRange(hostPort, hostPort), new PortRange(endpointPort, endpointPort), protocol)
    {
    }

    /// <summary>The family that it is published in.</summary>
    public AddressFamily Family => HostAddress.AddressFamily;

    /// <summary>True if it is published on all addresses of its family.</summary>
    public bool IsOnAll => HostAddress.Equals(IPAddress.Any) || HostAddress.Equals(IPAddress.IPv6Any);

    /// <summary>True if the two can't be published at once: same protocol, and an address and a port in common.</summary>
    public bool Conflicts(PublishedPort other) =>
        Protocol == other.Protocol && Family == other.Family && HostPorts.Overlaps(other.HostPorts)
        && (IsOnAll || other.IsOnAll || HostAddress.Equals(other.HostAddress));

    /// <summary>True if it is one of those that a request means: same protocol, inside the ports that it names, and at its address if it names one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isOnHost">False where no port of the host has a part in it (routed networks): then the host's side of the request says nothing.</param>
    public bool IsMeantBy(PublishRequest request, bool isOnHost) =>
        Protocol == request.Protocol && request.EndpointPorts.Contains(EndpointPorts)
        && (!isOnHost || request.HostPorts is not { } wanted || wanted.Contains(HostPorts))
        && (request.HostAddress is null || request.HostAddress.Equals(HostAddress));

    /// <summary><c>0.0.0.0:8080->80/tcp</c>, as Docker prints it.</summary>
    public override string ToString()
    {
        string address = Family == AddressFamily.InterNetworkV6 ? $"[{HostAddress}]" : $"{HostAddress}";
        return $"{address}:{HostPorts}->{EndpointPorts}/{TransportProtocols.NameOf(Protocol)}";
    }
}
