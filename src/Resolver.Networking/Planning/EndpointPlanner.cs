// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Networking.Firewall;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <summary>Endpoint: desired and observed to steps. Pure.</summary>
internal static partial class EndpointPlanner
{
    /// <exception cref="RefusedException">A link that is not ours has one of the two names, the bridge is missing, or the sandbox has another default route.</exception>
    internal static ImmutableArray<KernelStep> Plan(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        RefuseForeign(desired, observed);
        return desired.Present ? [.. PlanPresent(desired, observed)] : [.. PlanAbsent(desired, observed)];
    }

    /// <summary>
    /// The host's end alone, if it is there: addresses and routes that the sandbox's own program removed are not put back. All, if it is missing.
    /// </summary>
    /// <exception cref="RefusedException">As <see cref="Plan"/>.</exception>
    internal static ImmutableArray<KernelStep> PlanRepair(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        RefuseForeign(desired, observed);
        return observed.HostLink is null || IsUnfinished(observed) ? [.. PlanPresent(desired, observed)] : [.. PlanPort(desired, observed)];
    }

    private static bool IsUnfinished(ObservedEndpoint observed) => observed.HostLink is { } link && LinkTags.IsUnfinished(link);

    private static void RefuseForeign(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        if (observed.HostLink is { } link && !LinkTags.IsOurs(link, desired.Endpoint))
        {
            throw RefusedException.Taken(
                $"link {link.Name}", $"{Title(desired)}: a link named {link.Name} exists on the host and is not ours; rename or remove it");
        }
    }

    private static IEnumerable<KernelStep> PlanPresent(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        CheckPossible(desired, observed);
        Endpoint endpoint = desired.Endpoint;

        // Reserved before anything changes, so that a port which another process has costs nothing.
        if (!observed.HasReservedPorts && HostPorts(desired) is { Ports.IsEmpty: false } reserve)
        {
            yield return reserve;
        }

        bool isNew = observed.HostLink is null || observed.SandboxLink is null || IsUnfinished(observed);
        if (observed.HostLink is not null && isNew)
        {
            yield return new KernelStep.DeleteVeth(Veth(desired));
        }

        if (isNew)
        {
            yield return Veth(desired) with { MasterIndex = observed.Bridge };
        }

        // Known to the rules before it can send: what the guard does not know is dropped.
        if (!observed.HasElements && Elements(desired) is { } elements)
        {
            yield return elements;
            if (PublishesUdp(desired))
            {
                yield return new KernelStep.ForgetFlows(endpoint);
            }
        }

        // Before it is up and has addresses, which some parameters are about.
        ObservedEndpoint rest = isNew ? Fresh(observed) : observed;
        foreach (KernelStep step in PlanSettings(desired, rest).Concat(PlanPort(desired, rest)).Concat(PlanLink(desired, rest)))
        {
            yield return step;
        }
    }

    private static IEnumerable<KernelStep> PlanPort(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        if (observed.HostLink is { } hostLink)
        {
            if (hostLink.Master != observed.Bridge)
            {
                yield return new KernelStep.SetMaster(endpoint.HostLink, desired.Network.Bridge);
            }

            if (hostLink.Group != LinkGroups.OfPorts(desired.Network))
            {
                yield return new KernelStep.SetGroup(endpoint.HostLink, LinkGroups.OfPorts(desired.Network), hostLink.Group);
            }

            if (!hostLink.IsUp)
            {
                yield return new KernelStep.SetLink(StepPlace.Host, endpoint.HostLink, Up: true);
            }
        }
    }

    private static IEnumerable<KernelStep> PlanLink(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        foreach (IPAddress address in endpoint.Addresses)
        {
            int length = desired.Network.SubnetOf(address.AddressFamily)?.Subnet.PrefixLength ?? IPAddressArithmetic.Bits(address);
            if (!observed.Addresses.Any(entry => entry.Address.Equals(address) && entry.PrefixLength == length))
            {
                yield return new KernelStep.AddAddress(StepPlace.Sandbox, endpoint.SandboxLink, address, length);
            }
        }

        if (observed.SandboxLink is not { IsUp: true })
        {
            yield return new KernelStep.SetLink(StepPlace.Sandbox, endpoint.SandboxLink, Up: true);
        }

        foreach (KernelStep step in PlanDefaultRoutes(desired, observed).Concat(PlanRoutes(desired, observed)))
        {
            yield return step;
        }
    }

    private static IEnumerable<KernelStep> PlanDefaultRoutes(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        foreach ((IPAddress gateway, bool isWanted) in GatewaysOf(desired))
        {
            KernelStep.AddDefaultRoute route = new(desired.Endpoint.SandboxLink, gateway);
            bool isThere = observed.DefaultGateways.Contains(gateway);
            if (isWanted && !isThere)
            {
                yield return route;
            }
            else if (!isWanted && isThere)
            {
                yield return new KernelStep.RemoveDefaultRoute(route);
            }
        }
    }

    private static IEnumerable<(IPAddress Gateway, bool IsWanted)> GatewaysOf(DesiredEndpoint desired)
    {
        foreach (NetworkSubnet subnet in desired.Network.Subnets)
        {
            bool isWanted = subnet.Family == AddressFamily.InterNetwork ? desired.Endpoint.ProvidesDefaultRoute : desired.Endpoint.ProvidesIPv6DefaultRoute;
            if (subnet.Gateway is { } gateway)
            {
                yield return (gateway, isWanted);
            }
        }
    }

    // The veth goes last: its end takes addresses and routes along, which no inverse would bring back.
    private static IEnumerable<KernelStep> PlanAbsent(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        // Not looked for first: to find an element costs as much as to delete it.
        if (Elements(desired) is { } elements)
        {
            yield return elements.Inverse;
        }

        if (PublishesUdp(desired))
        {
            yield return new KernelStep.ForgetFlows(endpoint);
        }

        if (observed.HasReservedPorts)
        {
            yield return new KernelStep.ReleasePorts(HostPorts(desired));
        }

        if (observed.HostLink is not null)
        {
            yield return new KernelStep.DeleteVeth(Veth(desired));
        }
    }

    private static void CheckPossible(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        if (!observed.HasAccess)
        {
            throw RefusedException.WrongState($"sandbox {desired.Sandbox.Name}", $"{Title(desired)}: its namespace {desired.Sandbox.NetnsPath} is gone");
        }

        if (observed.Bridge is null)
        {
            throw RefusedException.WrongState(
                $"network {desired.Network.Name}", $"{Title(desired)}: bridge {desired.Network.Bridge} is missing on the host; it is made again in a moment, try again");
        }

        if (observed.HostLink is null && observed.SandboxLink is not null)
        {
            throw RefusedException.Taken(
                $"link {desired.Endpoint.SandboxLink}",
                $"{Title(desired)}: a link named {desired.Endpoint.SandboxLink} exists in the sandbox; choose another name with --ifname");
        }

        CheckRoutes(desired, observed);
        foreach ((IPAddress gateway, _) in GatewaysOf(desired).Where(wanted => wanted.IsWanted))
        {
            if (observed.DefaultGateways.FirstOrDefault(other => other.AddressFamily == gateway.AddressFamily && !other.Equals(gateway)) is { } other)
            {
                throw RefusedException.WrongState(
                    $"sandbox {desired.Sandbox.Name}", $"{Title(desired)}: the sandbox has a default route by {other} that is not ours; remove it first");
            }
        }
    }

    private static KernelStep.CreateVeth Veth(DesiredEndpoint desired) =>
        new(desired.Endpoint, LinkTags.Of(desired), desired.Network.Bridge, desired.Network.Mtu)
        {
            Group = LinkGroups.OfPorts(desired.Network),
            SandboxMtu = desired.Endpoint.Mtu,
            HasIPv6 = desired.Network.Subnets.Any(subnet => !subnet.Subnet.IsIPv4),
        };

    private static bool PublishesUdp(DesiredEndpoint desired) => desired.Endpoint.Ports.Any(port => port.Protocol == TransportProtocol.Udp);

    private static KernelStep.ReservePorts HostPorts(DesiredEndpoint desired) =>
        new(desired.Endpoint.Id, [.. desired.Endpoint.Ports.Where(port => desired.Network.PublishesOnHost(port.Family))]);

    private static KernelStep.ChangeElements? Elements(DesiredEndpoint desired) =>
        EndpointElements.Of(desired.Endpoint, desired.Network) is { IsEmpty: false } elements ? new KernelStep.ChangeElements([], elements) : null;

    private static string Title(DesiredEndpoint desired) => $"connect {desired.Sandbox.Name} to {desired.Network.Name}";
}
