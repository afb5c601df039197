// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>Which settings an endpoint may have of its own: MTU, parameters, links and routes. Pure.</summary>
internal static class EndpointRules
{
    /// <summary>The least that IPv6 works with (RFC 8200 §5); the kernel takes IPv6 away below it.</summary>
    internal const int MinIPv6Mtu = 1280;
    private const int MinMtu = 68; // RFC 791

    private static readonly Subnet[] Unroutable =
    [
        Subnet.Of(IPAddress.Loopback, 8), Subnet.Of(IPAddress.Parse("224.0.0.0"), 4), Subnet.Of(IPAddress.IPv6Loopback, 128),
        Subnet.Of(IPAddress.Parse("fe80::"), 10), Subnet.Of(IPAddress.Parse("ff00::"), 8),
    ];

    /// <exception cref="RefusedException">One of them makes no sense on this network.</exception>
    internal static void Check(string operation, Endpoint endpoint, Network network, ImmutableArray<Endpoint> others)
    {
        CheckMtu(operation, endpoint, network);
        if (endpoint.Sysctls.GroupBy(sysctl => sysctl.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw RefusedException.Invalid("sysctls", $"{operation}: sysctl {twice.Key} is given twice; leave one out");
        }

        if (endpoint.Links.GroupBy(link => link.Alias).FirstOrDefault(same => same.Count() > 1) is { } both)
        {
            throw RefusedException.Invalid("links", $"{operation}: {both.Key} would be the name of {string.Join(" and of ", both.Select(link => link.Target))}; leave one out");
        }

        foreach (StaticRoute route in endpoint.Routes)
        {
            CheckRoute($"{operation}: route {route.Destination} by {route.Gateway}", route, endpoint, network);
            CheckAlone($"{operation}: route {route.Destination}", route, endpoint, others);
        }
    }

    private static void CheckMtu(string operation, Endpoint endpoint, Network network)
    {
        int least = network.SubnetOf(AddressFamily.InterNetworkV6) is null ? MinMtu : MinIPv6Mtu;
        int most = network.Mtu ?? Network.DefaultMtu;
        if (endpoint.Mtu is { } mtu && (mtu < least || mtu > most))
        {
            string why = mtu > most ? "its bridge drops what is longer" : "that is the least its address families work with";
            throw RefusedException.Invalid("mtu", $"{operation}: mtu {mtu} is outside the {least} to {most} of network {network.Name}: {why}");
        }
    }

    private static void CheckRoute(string title, StaticRoute route, Endpoint endpoint, Network network)
    {
        Subnet destination = route.Destination;
        if (destination.PrefixLength == 0)
        {
            throw RefusedException.Invalid("routes", $"{title}: the default route is that of a network's gateway; choose the network with --gw-priority");
        }

        if (Unroutable.FirstOrDefault(other => other.Overlaps(destination)) is { } unroutable)
        {
            throw RefusedException.Invalid("routes", $"{title}: {unroutable} is not forwarded by anybody; give a destination outside of it");
        }

        if (network.SubnetOf(route.Gateway.AddressFamily) is not { } subnet || !subnet.Subnet.Contains(route.Gateway)
            || route.Gateway.AddressFamily != destination.First.AddressFamily)
        {
            throw RefusedException.Invalid(
                "routes", $"{title}: the gateway must be an address of network {network.Name} and of the destination's family; give a neighbour's");
        }

        if (endpoint.Addresses.Contains(route.Gateway))
        {
            throw RefusedException.Invalid("routes", $"{title}: the gateway is the endpoint itself; give a neighbour's address");
        }

        if (network.Subnets.FirstOrDefault(own => own.Subnet.Overlaps(destination)) is { } overlapped)
        {
            throw RefusedException.Invalid("routes", $"{title}: the destination overlaps {overlapped.Subnet}, the network's own subnet; give one outside of it");
        }
    }

    private static void CheckAlone(string title, StaticRoute route, Endpoint endpoint, ImmutableArray<Endpoint> others)
    {
        if (endpoint.Routes.Count(other => other.Destination == route.Destination) > 1)
        {
            throw RefusedException.Invalid("routes", $"{title} is given twice; leave one out");
        }

        if (others.Any(other => other.Routes.Any(taken => taken.Destination == route.Destination)))
        {
            throw RefusedException.Taken($"route {route.Destination}", $"{title}: another endpoint of the sandbox has it; leave one out");
        }
    }
}
