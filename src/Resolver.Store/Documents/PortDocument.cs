// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Store.Documents;

/// <summary>A published port as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
/// <param name="HostAddress">The host's address.</param>
/// <param name="HostPort">The first port of the host.</param>
/// <param name="EndpointPort">The first port of the endpoint.</param>
/// <param name="Protocol">The transport.</param>
/// <param name="Count">How many ports; left out for one.</param>
internal sealed record PortDocument(string HostAddress, ushort HostPort, ushort EndpointPort, string Protocol, int Count = 1)
{
    internal static PortDocument Of(PublishedPort port) => new(
        port.HostAddress.ToString(), port.HostPorts.First, port.EndpointPorts.First, TransportProtocols.NameOf(port.Protocol), port.HostPorts.Count);

    internal PublishedPort ToPort() => new(
        Text.ToAddress(HostAddress),
        Range(HostPort),
        Range(EndpointPort),
        TransportProtocols.TryParse(Protocol, out TransportProtocol protocol) ? protocol : throw new FormatException($"'{Printable.Quote(Protocol)}' is no protocol"));

    private PortRange Range(ushort first) => first > 0 && Count > 0 && first + Count - 1 <= ushort.MaxValue
        ? new PortRange(first, (ushort)(first + Count - 1))
        : throw new FormatException($"{first} and {Count - 1} more are no ports");
}
