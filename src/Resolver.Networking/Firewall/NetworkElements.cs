// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using System.Text;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Networking.Firewall;

/// <summary>What a network has in the host's tables, as text for libnftables. Pure.</summary>
internal static class NetworkElements
{
    /// <summary>Makes a network known. What is known already is no error.</summary>
    internal static string Add(Network network) => Elements("add", network);

    /// <summary>Takes it back. Adding first makes a deletion of what is gone no error.</summary>
    internal static string Remove(Network network) => Elements("add", network) + Elements("delete", network);

    /// <summary>Finds the element that tells whether a network is known.</summary>
    internal static string Find(Network network) => $"get element {HostTables.Table} bridges {{ \"{network.Bridge}\" }}\n";

    private static string Elements(string verb, Network network)
    {
        StringBuilder text = new();
        TrafficPolicy policy = network.Policy;
        string bridge = $"\"{network.Bridge}\"";
        Element("bridges", bridge);
        if (policy.AllowsPeers)
        {
            Element("peers", $"{bridge} . {bridge}");
        }
        else
        {
            Element("apart", bridge);
        }

        if (policy.IsInternal)
        {
            Element("internal", bridge);
            return text.ToString();
        }

        foreach (InterfaceName link in policy.TrustedLinks)
        {
            Element("trusted", $"\"{link}\" . {bridge}");
        }

        foreach (NetworkSubnet subnet in network.Subnets)
        {
            string number = NumberOf(subnet.Family);
            Element($"same_subnet{number}", $"{subnet.Subnet} . {bridge}");
            switch (policy.ModeOf(subnet.Family))
            {
                case GatewayMode.Routed:
                    Element($"routed{number}", bridge);
                    continue;
                case GatewayMode.NatUnprotected:
                    Element($"unprotected{number}", bridge);
                    break;
                default:
                    break;
            }

            // By source address, not by incoming bridge: the kernel does not tell the postrouting hook reliably where a packet came from.
            if (policy.SourceAddressOf(subnet.Family) is { } source)
            {
                Element($"source{number}", $"{subnet.Subnet} : {source}");
            }
            else if (policy.Masquerades)
            {
                Element($"subnets{number}", subnet.Subnet.ToString());
            }
        }

        return text.ToString();

        void Element(string set, string element) => text.Append($"{verb} element {HostTables.Table} {set} {{ {element} }}\n");
    }

    internal static string NumberOf(AddressFamily family) => family == AddressFamily.InterNetwork ? "4" : "6";
}
