// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>What an endpoint has in the host's tables, as elements of sets and maps. Pure.</summary>
internal static class EndpointElements
{
    /// <summary>The elements, in the order in which they are made.</summary>
    internal static ImmutableArray<SetElement> Of(Endpoint endpoint, Network network)
    {
        IEnumerable<SetElement> ports = network.Policy.IsInternal ? [] : endpoint.Ports.SelectMany(port => PortElements(port, endpoint, network));
        return [.. (network.Policy.AllowsSpoofing ? [] : GuardElements(endpoint)).Concat(ports).Distinct()];
    }

    private static IEnumerable<SetElement> GuardElements(Endpoint endpoint)
    {
        ElementField[] own = [ElementField.LinkName(endpoint.HostLink.Value), ElementField.HardwareAddress(endpoint.Mac.ToBytes())];
        bool hasIPv6 = false;
        foreach (IPAddress address in endpoint.Addresses)
        {
            hasIPv6 |= address.AddressFamily == AddressFamily.InterNetworkV6;
            foreach (SetElement element in GuardElements(own, address))
            {
                yield return element;
            }
        }

        foreach (SetElement element in hasIPv6 ? GuardElements(own, endpoint.Mac.ToLinkLocal()) : [])
        {
            yield return element;
        }
    }

    private static IEnumerable<SetElement> GuardElements(ElementField[] own, IPAddress address)
    {
        string number = NetworkElements.NumberOf(address.AddressFamily);
        yield return new SetElement(HostTables.SetOf($"own{number}"), [.. own, ElementField.Address(address)], []);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            yield return new SetElement(HostTables.SetOf("own_targets6"), [.. own, ElementField.Number(address.GetAddressBytes())], []);
        }
    }

    private static IEnumerable<SetElement> PortElements(PublishedPort port, Endpoint endpoint, Network network)
    {
        if (endpoint.Addresses.FirstOrDefault(address => address.AddressFamily == port.Family) is not { } address)
        {
            return []; // A port of the host's other family is relayed.
        }

        string number = NetworkElements.NumberOf(port.Family);
        string name = TransportProtocols.NameOf(port.Protocol);
        ElementField protocol = ElementField.Protocol(name, (byte)port.Protocol);
        ElementField target = ElementField.Address(address);
        if (network.Policy.ModeOf(port.Family) == GatewayMode.Routed)
        {
            string set = port.EndpointPorts.Count == 1 ? "open" : "open_ranges";
            return [new SetElement(HostTables.SetOf($"{set}{number}"), [target, protocol, Ports(port.EndpointPorts)], [])];
        }

        ElementField[] at = port.IsOnAll ? [] : [ElementField.Address(port.HostAddress)];
        bool hasRangeMap = !port.IsOnAll || port.Protocol != TransportProtocol.Sctp;
        if (port.HostPorts.Count > 1 && port.HostPorts == port.EndpointPorts && hasRangeMap)
        {
            return port.IsOnAll
                ? [new SetElement(HostTables.SetOf($"{name}_ranges{number}"), [Ports(port.HostPorts)], [target])]
                : [new SetElement(HostTables.SetOf($"ranges{number}_at"), [.. at, protocol, Ports(port.HostPorts)], [target])];
        }

        // The kernel moves a whole range only where the ports stay the same: others are elements one by one.
        NftablesSet map = HostTables.SetOf($"published{number}{(port.IsOnAll ? "" : "_at")}");
        return Enumerable.Range(0, port.HostPorts.Count).Select(index => new SetElement(
            map, [.. at, protocol, Port(port.HostPorts.First + index)], [target, Port(port.EndpointPorts.First + index)]));
    }

    private static ElementField Ports(PortRange range) => ElementField.Ports(range.First, range.Last);

    private static ElementField Port(int number) => ElementField.Port((ushort)number);
}
