// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;

namespace Resolver.Networking.Firewall;

/// <summary>What an endpoint has in the host's tables, as text for libnftables: one transaction however many ports. Pure.</summary>
internal static class EndpointElements
{
    /// <summary>Makes an endpoint known. What is known already is no error.</summary>
    internal static string Add(Endpoint endpoint, Network network) => Write("add", ElementsOf(endpoint, network));

    /// <summary>Takes it back. Adding first makes a deletion of what is gone no error.</summary>
    internal static string Remove(Endpoint endpoint, Network network)
    {
        (string Set, string Element)[] elements = [.. ElementsOf(endpoint, network)];
        return Write("add", elements) + Write("delete", elements);
    }

    /// <summary>Finds all that an endpoint has; null if it has nothing.</summary>
    internal static string? Find(Endpoint endpoint, Network network)
    {
        string text = Write("get", ElementsOf(endpoint, network));
        return text.Length == 0 ? null : text;
    }

    /// <summary>What leads from one set of published ports to another: what both have is left alone.</summary>
    internal static string Change(Endpoint before, Endpoint after, Network network)
    {
        (string Set, string Element)[] old = [.. ElementsOf(before, network)];
        (string Set, string Element)[] wanted = [.. ElementsOf(after, network)];
        (string Set, string Element)[] gone = [.. old.Except(wanted)];
        return Write("add", gone) + Write("delete", gone) + Write("add", wanted.Except(old));
    }

    private static string Write(string verb, IEnumerable<(string Set, string Element)> elements)
    {
        StringBuilder text = new();
        foreach (IGrouping<string, (string Set, string Element)> set in elements.GroupBy(element => element.Set))
        {
            // A map's element is deleted and found by its key, but may be written whole.
            text.Append(verb).Append(" element ").Append(set.Key).Append(" { ").AppendJoin(", ", set.Select(element => element.Element)).Append(" }\n");
        }

        return text.ToString();
    }

    private static IEnumerable<(string Set, string Element)> ElementsOf(Endpoint endpoint, Network network)
    {
        IEnumerable<(string, string)> ports = network.Policy.IsInternal ? [] : endpoint.Ports.SelectMany(port => PortElements(port, endpoint, network));
        return (network.Policy.AllowsSpoofing ? [] : GuardElements(endpoint)).Concat(ports).Distinct();
    }

    private static IEnumerable<(string Set, string Element)> GuardElements(Endpoint endpoint)
    {
        string own = $"\"{endpoint.HostLink}\" . {endpoint.Mac}";
        bool hasIPv6 = false;
        foreach (IPAddress address in endpoint.Addresses)
        {
            hasIPv6 |= address.AddressFamily == AddressFamily.InterNetworkV6;
            foreach ((string, string) element in GuardElements(own, address))
            {
                yield return element;
            }
        }

        foreach ((string, string) element in hasIPv6 ? GuardElements(own, endpoint.Mac.ToLinkLocal()) : [])
        {
            yield return element;
        }
    }

    private static IEnumerable<(string Set, string Element)> GuardElements(string own, IPAddress address)
    {
        string number = NetworkElements.NumberOf(address.AddressFamily);
        yield return ($"{HostTables.BridgeTable} own{number}", $"{own} . {address}");
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            yield return ($"{HostTables.BridgeTable} own_targets6", $"{own} . 0x{Convert.ToHexStringLower(address.GetAddressBytes())}");
        }
    }

    private static IEnumerable<(string Set, string Element)> PortElements(PublishedPort port, Endpoint endpoint, Network network)
    {
        if (endpoint.Addresses.FirstOrDefault(address => address.AddressFamily == port.Family) is not { } address)
        {
            return []; // A port of the host's other family is relayed.
        }

        string number = NetworkElements.NumberOf(port.Family);
        string protocol = TransportProtocols.NameOf(port.Protocol);
        if (network.Policy.ModeOf(port.Family) == GatewayMode.Routed)
        {
            string set = port.EndpointPorts.Count == 1 ? "open" : "open_ranges";
            return [($"{HostTables.Table} {set}{number}", $"{address} . {protocol} . {port.EndpointPorts}")];
        }

        string at = port.IsOnAll ? "" : $"{port.HostAddress} . ";
        bool hasRangeMap = !port.IsOnAll || port.Protocol != TransportProtocol.Sctp;
        if (port.HostPorts.Count > 1 && port.HostPorts == port.EndpointPorts && hasRangeMap)
        {
            return port.IsOnAll
                ? [($"{HostTables.Table} {protocol}_ranges{number}", $"{port.HostPorts} : {address}")]
                : [($"{HostTables.Table} ranges{number}_at", $"{at}{protocol} . {port.HostPorts} : {address}")];
        }

        // The kernel moves a whole range only where the ports stay the same: others are elements one by one.
        string map = $"{HostTables.Table} published{number}{(port.IsOnAll ? "" : "_at")}";
        return Enumerable.Range(0, port.HostPorts.Count).Select(index => (map, string.Create(
            CultureInfo.InvariantCulture,
            $"{at}{protocol} . {port.HostPorts.First + index} : {address} . {port.EndpointPorts.First + index}")));
    }
}
