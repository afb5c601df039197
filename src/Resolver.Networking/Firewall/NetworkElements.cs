// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net.Sockets;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Firewall;

/// <summary>What a network has in the host's tables, as elements of sets and maps. Pure.</summary>
internal static class NetworkElements
{
    /// <summary>The elements, in the order in which they are made.</summary>
    internal static ImmutableArray<SetElement> Of(Network network)
    {
        ImmutableArray<SetElement>.Builder elements = ImmutableArray.CreateBuilder<SetElement>();
        TrafficPolicy policy = network.Policy;
        ElementField bridge = ElementField.LinkName(network.Bridge.Value);
        Add("bridges", bridge);
        if (policy.AllowsPeers)
        {
            Add("peers", bridge, bridge);
        }

        if (policy.IsInternal)
        {
            Add("internal", bridge);
            return elements.ToImmutable();
        }

        foreach (InterfaceName link in policy.TrustedLinks)
        {
            Add("trusted", ElementField.LinkName(link.Value), bridge);
        }

        foreach (NetworkSubnet subnet in network.Subnets)
        {
            string number = NumberOf(subnet.Family);
            ElementField prefix = ElementField.Prefix(subnet.Subnet.Prefix);
            Add($"same_subnet{number}", prefix, bridge);
            switch (policy.ModeOf(subnet.Family))
            {
                case GatewayMode.Routed:
                    Add($"routed{number}", bridge);
                    continue;
                case GatewayMode.NatUnprotected:
                    Add($"unprotected{number}", bridge);
                    break;
                default:
                    break;
            }

            // By source address, not by incoming bridge: the kernel does not tell the postrouting hook reliably where a packet came from.
            if (policy.SourceAddressOf(subnet.Family) is { } source)
            {
                elements.Add(new SetElement(HostTables.SetOf($"source{number}"), [prefix], [ElementField.Address(source)]));
            }
            else if (policy.Masquerades)
            {
                Add($"subnets{number}", prefix);
            }
        }

        return elements.ToImmutable();

        void Add(string set, params ImmutableArray<ElementField> key) => elements.Add(new SetElement(HostTables.SetOf(set), key, []));
    }

    internal static string NumberOf(AddressFamily family) => family == AddressFamily.InterNetwork ? "4" : "6";
}
