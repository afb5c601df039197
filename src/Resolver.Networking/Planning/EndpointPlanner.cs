// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Networking.Firewall;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <summary>Endpoint: desired and observed to steps. Pure.</summary>
internal static class EndpointPlanner
{
    /// <exception cref="RefusedException">A link that is not ours has one of the two names, the bridge is missing, or the sandbox has another default route.</exception>
    internal static ImmutableArray<KernelStep> Plan(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        if (observed.HostLink is { } link && !LinkTags.IsOurs(link, desired.Endpoint))
        {
            throw RefusedException.Taken(
                $"link {link.Name}", $"{Title(desired)}: a link named {link.Name} exists on the host and is not ours; rename or remove it");
        }

        return desired.Present ? [.. PlanPresent(desired, observed)] : [.. PlanAbsent(desired, observed)];
    }

    private static IEnumerable<KernelStep> PlanPresent(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        CheckPossible(desired, observed);
        Endpoint endpoint = desired.Endpoint;

        // Reserved before anything changes, so that a port which another process has costs nothing.
        if (!endpoint.Ports.IsEmpty && !observed.HasReservedPorts)
        {
            yield return new KernelStep.ReservePorts(endpoint.Id, endpoint.Ports);
        }

        bool isNew = observed.HostLink is null || observed.SandboxLink is null;
        if (observed.HostLink is not null && isNew)
        {
            yield return new KernelStep.DeleteVeth(Veth(desired));
        }

        if (isNew)
        {
            yield return Veth(desired);
        }

        foreach (KernelStep step in PlanLink(desired, isNew ? observed with { HostLink = null, SandboxLink = null, Addresses = [], DefaultGateway = null } : observed))
        {
            yield return step;
        }

        if (!endpoint.Ports.IsEmpty && !observed.HasPublishedPorts)
        {
            yield return new KernelStep.RunRules(PublishAll(endpoint), UnpublishAll(endpoint));
        }
    }

    private static IEnumerable<KernelStep> PlanLink(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        if (observed.HostLink is { } hostLink)
        {
            if (hostLink.Master != observed.Bridge)
            {
                yield return new KernelStep.SetMaster(endpoint.HostLink, desired.Network.Bridge);
            }

            if (!hostLink.IsUp)
            {
                yield return new KernelStep.SetLink(StepPlace.Host, endpoint.HostLink, Up: true);
            }
        }

        foreach ((IPAddress address, NetworkSubnet subnet) in endpoint.Addresses.Zip(desired.Network.Subnets))
        {
            if (!observed.Addresses.Any(entry => entry.Address.Equals(address) && entry.PrefixLength == subnet.Subnet.PrefixLength))
            {
                yield return new KernelStep.AddAddress(StepPlace.Sandbox, endpoint.SandboxLink, address, subnet.Subnet.PrefixLength);
            }
        }

        if (observed.SandboxLink is not { IsUp: true })
        {
            yield return new KernelStep.SetLink(StepPlace.Sandbox, endpoint.SandboxLink, Up: true);
        }

        IPAddress gateway = desired.Network.Subnets[0].Gateway;
        bool hasRoute = gateway.Equals(observed.DefaultGateway);
        if (endpoint.ProvidesDefaultRoute && !hasRoute)
        {
            yield return new KernelStep.AddDefaultRoute(endpoint.SandboxLink, gateway);
        }
        else if (!endpoint.ProvidesDefaultRoute && hasRoute)
        {
            yield return new KernelStep.RemoveDefaultRoute(new KernelStep.AddDefaultRoute(endpoint.SandboxLink, gateway));
        }
    }

    // The veth goes last: its end takes addresses and routes along, which no inverse would bring back.
    private static IEnumerable<KernelStep> PlanAbsent(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        if (observed.HasPublishedPorts)
        {
            yield return new KernelStep.RunRules(UnpublishAll(endpoint), PublishAll(endpoint));
        }

        if (observed.HasReservedPorts)
        {
            yield return new KernelStep.ReleasePorts(new KernelStep.ReservePorts(endpoint.Id, endpoint.Ports));
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
                $"network {desired.Network.Name}", $"{Title(desired)}: bridge {desired.Network.Bridge} is missing on the host; restart resolverd to repair it");
        }

        if (observed.HostLink is null && observed.SandboxLink is not null)
        {
            throw RefusedException.Taken(
                $"link {desired.Endpoint.SandboxLink}",
                $"{Title(desired)}: a link named {desired.Endpoint.SandboxLink} exists in the sandbox; choose another name with --ifname");
        }

        IPAddress gateway = desired.Network.Subnets[0].Gateway;
        if (desired.Endpoint.ProvidesDefaultRoute && observed.DefaultGateway is { } other && !other.Equals(gateway))
        {
            throw RefusedException.WrongState(
                $"sandbox {desired.Sandbox.Name}", $"{Title(desired)}: the sandbox has a default route by {other} that is not ours; remove it first");
        }
    }

    private static KernelStep.CreateVeth Veth(DesiredEndpoint desired) =>
        new(desired.Endpoint, LinkTags.Of(desired), desired.Network.Bridge, desired.Network.Mtu)
        {
            HasIPv6 = desired.Network.Subnets.Any(subnet => !subnet.Subnet.IsIPv4),
        };

    private static string PublishAll(Endpoint endpoint) =>
        string.Concat(endpoint.Ports.Select(port => HostRules.Publish(port, endpoint.Addresses[0])));

    private static string UnpublishAll(Endpoint endpoint) =>
        string.Concat(endpoint.Ports.Select(port => HostRules.Unpublish(port, endpoint.Addresses[0])));

    private static string Title(DesiredEndpoint desired) => $"connect {desired.Sandbox.Name} to {desired.Network.Name}";
}
