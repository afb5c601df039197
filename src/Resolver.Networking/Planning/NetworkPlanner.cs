// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Networking.Firewall;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <summary>Network: desired and observed to steps. Pure.</summary>
internal static class NetworkPlanner
{
    internal const string IPv4Forwarding = "net/ipv4/ip_forward";
    internal const string IPv6Forwarding = "net/ipv6/conf/all/forwarding";

    /// <summary>The parameters that a network needs, with their values. Forwarding is the host's own and never turned off by us.</summary>
    internal static ImmutableArray<(string Key, string Value)> SysctlsOf(Network network)
    {
        ImmutableArray<(string, string)>.Builder wanted = ImmutableArray.CreateBuilder<(string, string)>();
        foreach (NetworkSubnet subnet in network.Subnets.Where(subnet => network.Policy.HasWayOut(subnet.Family)))
        {
            wanted.Add((subnet.Family == AddressFamily.InterNetwork ? IPv4Forwarding : IPv6Forwarding, "1"));
        }

        bool hasIPv6 = network.SubnetOf(AddressFamily.InterNetworkV6) is not null;
        wanted.Add(($"net/ipv4/conf/{network.Bridge}/route_localnet", "1"));
        wanted.Add((DisableIPv6(network), hasIPv6 ? "0" : "1"));
        if (hasIPv6)
        {
            // What an endpoint advertises is not for the host to believe.
            wanted.Add(($"net/ipv6/conf/{network.Bridge}/accept_ra", "0"));
        }

        return wanted.ToImmutable();
    }

    /// <exception cref="RefusedException">A link that is not ours has the bridge's name.</exception>
    internal static ImmutableArray<KernelStep> Plan(DesiredNetwork desired, ObservedNetwork observed)
    {
        Network network = desired.Network;
        if (observed.Bridge is { } link && !LinkTags.IsOurs(link, network))
        {
            throw RefusedException.Taken(
                $"link {link.Name}", $"network {network.Name}: a link named {link.Name} exists on the host and is not ours; rename or remove it");
        }

        return desired.Present ? [.. PlanPresent(network, observed)] : [.. PlanAbsent(network, observed)];
    }

    private static IEnumerable<KernelStep> PlanPresent(Network network, ObservedNetwork observed)
    {
        ImmutableArray<(string Key, string Value)> sysctls = SysctlsOf(network);
        foreach ((string key, string value) in sysctls.Where(sysctl => !IsOfBridge(sysctl.Key, network)))
        {
            if (observed.Sysctls.GetValueOrDefault(key) is not { } before || before == value)
            {
                continue;
            }

            // A host that forwards believes no router any more, unless it is told to: its own default route would go.
            foreach (string link in key == IPv6Forwarding ? observed.LinksThatBelieveRouters : [])
            {
                yield return new KernelStep.ChangeSetting(AcceptRouters(link), "2", "1");
            }

            yield return new KernelStep.ChangeSetting(key, value, before);
        }

        if (observed.Bridge is null)
        {
            yield return Bridge(network);
        }
        else if (LinkTags.IsUnfinished(observed.Bridge))
        {
            yield return new KernelStep.SetAlias(network.Bridge, LinkTags.Of(network));
        }

        if (observed.Bridge is not null && observed.Bridge.Group != LinkGroups.OfBridge(network))
        {
            yield return new KernelStep.SetGroup(network.Bridge, LinkGroups.OfBridge(network), observed.Bridge.Group);
        }

        // A fresh bridge inherits the kernel's defaults, which nobody knows before it is there; an existing one has what was read.
        foreach ((string key, string value) in sysctls.Where(sysctl => IsOfBridge(sysctl.Key, network)))
        {
            string? before = observed.Sysctls.GetValueOrDefault(key);
            if (before != value)
            {
                // A kernel without IPv6 has none of its parameters, and needs them only where there shall be some.
                yield return new KernelStep.WriteSysctl(key, value, before ?? value) { IsOptional = !IsRequired(key, value, network) };
            }
        }

        foreach ((IPAddress address, int length) in AddressesOf(network).Where(wanted => !Has(observed, wanted)))
        {
            yield return new KernelStep.AddAddress(StepPlace.Host, network.Bridge, address, length);
        }

        if (observed.Bridge is not { IsUp: true })
        {
            yield return new KernelStep.SetLink(StepPlace.Host, network.Bridge, Up: true);
        }

        if (!observed.HasElements)
        {
            yield return new KernelStep.ChangeElements([], NetworkElements.Of(network));
        }
    }

    // The bridge goes last: nothing can fail behind it that would need it back with all that was on it.
    private static IEnumerable<KernelStep> PlanAbsent(Network network, ObservedNetwork observed)
    {
        if (observed.HasElements)
        {
            yield return new KernelStep.ChangeElements(NetworkElements.Of(network), []);
        }

        if (observed.Bridge is not null)
        {
            yield return new KernelStep.DeleteBridge(Bridge(network));
        }
    }

    // A MAC of the bridge's own never changes with its ports, so neighbours' ARP entries stay right.
    private static KernelStep.CreateBridge Bridge(Network network) => new(
        network.Bridge, LinkTags.Of(network), MacAddress.FromRandom(Convert.FromHexString(network.Id.Value[..12])), network.Mtu)
    {
        Group = LinkGroups.OfBridge(network),
    };

    /// <summary>The addresses of a network's bridge.</summary>
    internal static IEnumerable<(IPAddress Address, int PrefixLength)> AddressesOf(Network network) => network.Subnets
        .Where(subnet => subnet.Gateway is not null && network.Policy.ModeOf(subnet.Family) != GatewayMode.Isolated)
        .Select(subnet => (subnet.Gateway!, subnet.Subnet.PrefixLength));

    private static bool Has(ObservedNetwork observed, (IPAddress Address, int PrefixLength) wanted) =>
        observed.Addresses.Any(address => address.Address.Equals(wanted.Address) && address.PrefixLength == wanted.PrefixLength);

    /// <summary>Whether a link believes router advertisements: 0 no, 1 unless it forwards, 2 always.</summary>
    internal static string AcceptRouters(string link) => $"net/ipv6/conf/{link}/accept_ra";

    // Without: the host itself does not reach what is published on 127.0.0.1, or has an IPv6 link-local address on a network without IPv6.
    private static bool IsRequired(string key, string value, Network network) =>
        !key.EndsWith("/route_localnet", StringComparison.Ordinal) && !(key == DisableIPv6(network) && value == "1");

    private static string DisableIPv6(Network network) => $"net/ipv6/conf/{network.Bridge}/disable_ipv6";

    private static bool IsOfBridge(string key, Network network) => key.Contains($"/{network.Bridge}/", StringComparison.Ordinal);
}
