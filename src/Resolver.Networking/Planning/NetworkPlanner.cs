// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Networking.Firewall;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <summary>Network: desired and observed to steps. Pure.</summary>
internal static class NetworkPlanner
{
    internal const string Forwarding = "net/ipv4/ip_forward";

    /// <summary>The parameters that a network needs. Forwarding is the host's own and never turned off by us.</summary>
    internal static ImmutableArray<string> SysctlsOf(Network network) => [Forwarding, RouteLocalnet(network.Bridge), DisableIPv6(network.Bridge)];

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
        if (observed.Sysctls.GetValueOrDefault(Forwarding) is { } forwarding && forwarding != "1")
        {
            yield return new KernelStep.WriteSysctl(Forwarding, "1", forwarding);
        }

        if (observed.Bridge is null)
        {
            yield return Bridge(network);
        }

        // A fresh bridge has the kernel's defaults, 0 each; an existing one what was read.
        foreach (string key in new[] { RouteLocalnet(network.Bridge), DisableIPv6(network.Bridge) })
        {
            string before = observed.Sysctls.GetValueOrDefault(key) ?? "0";
            if (before != "1")
            {
                yield return new KernelStep.WriteSysctl(key, "1", before);
            }
        }

        foreach (NetworkSubnet subnet in network.Subnets.Where(subnet => !Has(observed, subnet)))
        {
            yield return new KernelStep.AddAddress(StepPlace.Host, network.Bridge, subnet.Gateway, subnet.Subnet.PrefixLength);
        }

        if (observed.Bridge is not { IsUp: true })
        {
            yield return new KernelStep.SetLink(StepPlace.Host, network.Bridge, Up: true);
        }

        if (!observed.HasElements)
        {
            yield return new KernelStep.RunRules(HostRules.AddNetwork(network), HostRules.RemoveNetwork(network));
        }
    }

    // The bridge goes last: nothing can fail behind it that would need it back with all that was on it.
    private static IEnumerable<KernelStep> PlanAbsent(Network network, ObservedNetwork observed)
    {
        if (observed.HasElements)
        {
            yield return new KernelStep.RunRules(HostRules.RemoveNetwork(network), HostRules.AddNetwork(network));
        }

        if (observed.Bridge is not null)
        {
            yield return new KernelStep.DeleteBridge(Bridge(network));
        }
    }

    // A MAC of the bridge's own never changes with its ports, so neighbours' ARP entries stay right.
    private static KernelStep.CreateBridge Bridge(Network network) => new(
        network.Bridge, LinkTags.Of(network), MacAddress.FromRandom(Convert.FromHexString(network.Id.Value[..12])), network.Mtu);

    private static bool Has(ObservedNetwork observed, NetworkSubnet subnet) => observed.Addresses.Any(
        address => address.Address.Equals(subnet.Gateway) && address.PrefixLength == subnet.Subnet.PrefixLength);

    private static string RouteLocalnet(InterfaceName bridge) => $"net/ipv4/conf/{bridge}/route_localnet";

    private static string DisableIPv6(InterfaceName bridge) => $"net/ipv6/conf/{bridge}/disable_ipv6";
}
