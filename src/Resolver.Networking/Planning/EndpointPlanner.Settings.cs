// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Observing;

namespace Resolver.Networking.Planning;

/// <content>What an endpoint may have of its own: MTU, parameters, routes.</content>
internal static partial class EndpointPlanner
{
    private static ObservedEndpoint Fresh(ObservedEndpoint observed) => observed with
    {
        HostLink = null,
        SandboxLink = null,
        Addresses = [],
        DefaultGateways = [],
        Routes = [.. observed.Routes.Where(route => observed.SandboxLink is null || route.Link != observed.SandboxLink.Index)],
        Sysctls = ImmutableDictionary<string, string>.Empty,
    };

    private static IEnumerable<KernelStep> PlanSettings(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        Endpoint endpoint = desired.Endpoint;
        if (endpoint.Mtu is { } mtu && observed.SandboxLink is { } link && link.Mtu != mtu)
        {
            yield return new KernelStep.SetMtu(endpoint.SandboxLink, mtu, link.Mtu);
        }

        foreach (LinkSysctl sysctl in endpoint.Sysctls)
        {
            string? before = observed.Sysctls.GetValueOrDefault(sysctl.PathOf(endpoint.SandboxLink));
            if (before != sysctl.Value)
            {
                yield return new KernelStep.WriteLinkSysctl(endpoint.SandboxLink, sysctl, before);
            }
        }
    }

    private static IEnumerable<KernelStep> PlanRoutes(DesiredEndpoint desired, ObservedEndpoint observed) => desired.Endpoint.Routes
        .Where(route => !observed.Routes.Any(other => Leads(other, route)))
        .Select(route => new KernelStep.AddRoute(desired.Endpoint.SandboxLink, route));

    private static void CheckRoutes(DesiredEndpoint desired, ObservedEndpoint observed)
    {
        foreach (StaticRoute route in desired.Endpoint.Routes)
        {
            if (observed.Routes.FirstOrDefault(other => other.Destination.Equals(route.Destination.Prefix) && !Leads(other, route)) is { } other)
            {
                string by = other.Gateway is { } gateway ? $" by {gateway}" : "";
                throw RefusedException.Taken(
                    $"route {route.Destination}",
                    $"{Title(desired)}: the sandbox has a route to {route.Destination}{by} that is not this endpoint's; remove it, or leave the route out");
            }
        }
    }

    private static bool Leads(RouteEntry there, StaticRoute route) => there.Destination.Equals(route.Destination.Prefix) && route.Gateway.Equals(there.Gateway);
}
