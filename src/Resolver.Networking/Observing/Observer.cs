// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Sysctls;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Observing;

/// <summary>Kernel to values. Asks only for what one object needs, so that the cost of a change does not grow with the host.</summary>
internal sealed class Observer
{
    private const string Loopback = "lo";

    private readonly HostKernel _host;

    internal Observer(HostKernel host)
    {
        _host = host;
    }

    internal ObservedNetwork Observe(Network network)
    {
        Link? bridge = _host.Route.FindLink(network.Bridge.Value);
        ImmutableDictionary<string, string>.Builder sysctls = ImmutableDictionary.CreateBuilder<string, string>();
        foreach ((string key, string? value) in _host.ReadSysctls(NetworkPlanner.SysctlsOf(network).Select(sysctl => sysctl.Key)))
        {
            if (value is not null)
            {
                sysctls[key] = value;
            }
        }

        return new ObservedNetwork
        {
            Bridge = bridge,
            Addresses = bridge is null ? [] : _host.Route.Addresses(bridge.Index),
            HasElements = _host.HasElements(NetworkElements.Of(network)),
            Sysctls = sysctls.ToImmutable(),
            LinksThatBelieveRouters = sysctls.GetValueOrDefault(NetworkPlanner.IPv6Forwarding) == "0" ? LinksThatBelieveRouters() : [],
        };
    }

    private ImmutableArray<string> LinksThatBelieveRouters()
    {
        string[] links =
        [
            .. _host.Route.Links()
                .Where(link => link.Master is null && !LinkGroups.IsBridge(link.Group) && link.Name != Loopback)
                .Select(link => link.Name),
        ];
        ImmutableArray<(string Key, string? Value)> values = _host.ReadSysctls(links.Select(NetworkPlanner.AcceptRouters));
        return [.. links.Zip(values).Where(pair => pair.Second.Value == "1").Select(pair => pair.First)];
    }

    internal ObservedEndpoint Observe(DesiredEndpoint desired, SandboxAccess? access)
    {
        Endpoint endpoint = desired.Endpoint;
        Link? hostLink = _host.Route.FindLink(endpoint.HostLink.Value);
        Link? sandboxLink = access?.Route.FindLink(endpoint.SandboxLink.Value);
        ImmutableArray<RouteEntry> routes = access?.Route.Routes() ?? [];
        return new ObservedEndpoint
        {
            HostLink = hostLink,
            Bridge = _host.Route.FindLink(desired.Network.Bridge.Value)?.Index,
            SandboxLink = sandboxLink,
            Addresses = sandboxLink is null || access is null ? [] : access.Route.Addresses(sandboxLink.Index),
            DefaultGateways = [.. routes.Where(IsDefault).Select(route => route.Gateway!)],
            Routes = endpoint.Routes.IsEmpty ? [] : [.. routes.Where(route => !IsDefault(route))],
            Sysctls = sandboxLink is null || access is null || endpoint.Sysctls.IsEmpty ? ImmutableDictionary<string, string>.Empty : SysctlsOf(endpoint, access),
            HasReservedPorts = _host.Ports.Has(endpoint.Id),
            HasElements = hostLink is not null && desired.Present && _host.HasElements(EndpointElements.Of(endpoint, desired.Network)),
            HasAccess = access is not null,
        };
    }

    private static ImmutableDictionary<string, string> SysctlsOf(Endpoint endpoint, SandboxAccess access) => NamespaceThread.Run(access.Netns, () =>
        endpoint.Sysctls.Select(sysctl => sysctl.PathOf(endpoint.SandboxLink))
            .Select(path => (Path: path, Value: Sysctl.Read(path)))
            .Where(found => found.Value is not null)
            .ToImmutableDictionary(found => found.Path, found => found.Value!));

    private static bool IsDefault(RouteEntry route) => route.Destination.PrefixLength == 0 && route.Gateway is not null;
}
