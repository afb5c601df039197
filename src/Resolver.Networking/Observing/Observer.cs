// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables;
using Resolver.Networking.Applying;
using Resolver.Networking.Firewall;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Observing;

/// <summary>Kernel to values. Asks only for what one object needs, so that the cost of a change does not grow with the host.</summary>
internal sealed class Observer
{
    private readonly HostKernel _host;

    internal Observer(HostKernel host)
    {
        _host = host;
    }

    internal ObservedNetwork Observe(Network network)
    {
        Link? bridge = _host.Route.FindLink(network.Bridge.Value);
        ImmutableDictionary<string, string>.Builder sysctls = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (string key in NetworkPlanner.SysctlsOf(network))
        {
            if (_host.ReadSysctl(key) is { } value)
            {
                sysctls[key] = value;
            }
        }

        return new ObservedNetwork
        {
            Bridge = bridge,
            Addresses = bridge is null ? [] : _host.Route.Addresses(bridge.Index),
            HasElements = ElementsOf($"list set {HostRules.Table} same_bridge").Contains($"\"{network.Bridge}\" . \"{network.Bridge}\""),
            Sysctls = sysctls.ToImmutable(),
        };
    }

    /// <param name="access">The sandbox.</param>
    /// <param name="isNewPort">True to leave out the rewriting, which is about to be replaced: looking costs as much as writing.</param>
    internal static ObservedSandbox Observe(SandboxAccess access, bool isNewPort)
    {
        bool isUp = access.Route.FindLink(SandboxPlanner.Loopback.Value) is { IsUp: true };
        ushort? port = isNewPort ? null : NftablesContext.RunIn(access.Netns, nftables =>
        {
            try
            {
                return SandboxRules.PortOf(nftables.Run(SandboxRules.List));
            }
            catch (KernelException e) when (e.Errno is Errno.ENOENT)
            {
                return null;
            }
        });
        return new ObservedSandbox(isUp, port);
    }

    internal ObservedEndpoint Observe(DesiredEndpoint desired, SandboxAccess? access)
    {
        Endpoint endpoint = desired.Endpoint;
        Link? hostLink = _host.Route.FindLink(endpoint.HostLink.Value);
        Link? sandboxLink = access?.Route.FindLink(endpoint.SandboxLink.Value);
        return new ObservedEndpoint
        {
            HostLink = hostLink,
            Bridge = _host.Route.FindLink(desired.Network.Bridge.Value)?.Index,
            SandboxLink = sandboxLink,
            Addresses = sandboxLink is null || access is null ? [] : access.Route.Addresses(sandboxLink.Index),
            DefaultGateway = access?.Route.Routes().FirstOrDefault(IsDefault)?.Gateway,
            HasReservedPorts = _host.HasReservedPorts(endpoint.Id),
            HasPublishedPorts = HasPublishedPorts(endpoint, hostLink is not null || !desired.Present),
            HasAccess = access is not null,
        };
    }

    private static bool IsDefault(RouteEntry route) =>
        route.Destination.PrefixLength == 0 && route.Gateway?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;

    // The kernel removes a veth with its namespace, so a removal looks for the ports even without it. A new endpoint's are not looked for: adding an element that is there already is no error, and listing a map of 10,000 costs.
    private bool HasPublishedPorts(Endpoint endpoint, bool mayHave)
    {
        if (!mayHave || endpoint.Ports.IsEmpty)
        {
            return false;
        }

        foreach (IGrouping<string, PublishedPort> group in endpoint.Ports.GroupBy(HostRules.MapOf))
        {
            HashSet<string> elements = ElementsOf($"list map {HostRules.Table} {group.Key}");
            if (!group.All(port => elements.Contains(HostRules.Listed(port, endpoint.Addresses[0]))))
            {
                return false;
            }
        }

        return true;
    }

    // elements = { a . b, c . d } in the text that libnftables prints.
    private HashSet<string> ElementsOf(string command)
    {
        string listed = _host.RunRules(command);
        const string Marker = "elements = {";
        int start = listed.IndexOf(Marker, StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }

        start += Marker.Length;
        int end = listed.IndexOf('}', start);
        return [.. listed[start..end].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }
}
