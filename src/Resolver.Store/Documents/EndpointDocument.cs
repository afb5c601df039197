// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Store.Documents;

/// <summary>An endpoint as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record EndpointDocument(
    string Id,
    string NetworkId,
    string SandboxId,
    string HostLink,
    string SandboxLink,
    string Mac,
    ImmutableArray<string> Addresses,
    bool ProvidesDefaultRoute,
    ImmutableArray<string> Aliases,
    ImmutableArray<PortDocument> Ports,
    string Phase,
    DateTimeOffset CreatedAt,
    int GatewayPriority = 0,
    bool ProvidesIPv6DefaultRoute = false,
    int? Mtu = null,
    ImmutableArray<string>? Sysctls = null,
    ImmutableArray<RouteDocument>? Routes = null,
    ImmutableArray<string>? Links = null)
{
    private const string Pending = "pending";
    private const string Settled = "settled";

    internal static EndpointDocument Of(Endpoint endpoint) => new(
        endpoint.Id.Value,
        endpoint.NetworkId.Value,
        endpoint.SandboxId.Value,
        endpoint.HostLink.Value,
        endpoint.SandboxLink.Value,
        endpoint.Mac.ToString(),
        Text.Of(endpoint.Addresses),
        endpoint.ProvidesDefaultRoute,
        Text.Of(endpoint.Aliases),
        [.. endpoint.Ports.Select(PortDocument.Of)],
        endpoint.Phase == EndpointPhase.Settled ? Settled : Pending,
        endpoint.CreatedAt,
        endpoint.GatewayPriority,
        endpoint.ProvidesIPv6DefaultRoute,
        endpoint.Mtu,
        endpoint.Sysctls.IsEmpty ? null : [.. endpoint.Sysctls.Select(sysctl => sysctl.ToString())],
        endpoint.Routes.IsEmpty ? null : [.. endpoint.Routes.Select(RouteDocument.Of)],
        endpoint.Links.IsEmpty ? null : Text.Of(endpoint.Links));

    internal Endpoint ToEndpoint() => new()
    {
        Id = Text.ToId(Id),
        NetworkId = Text.ToId(NetworkId),
        SandboxId = Text.ToId(SandboxId),
        HostLink = InterfaceName.Parse(HostLink, "hostLink"),
        SandboxLink = InterfaceName.Parse(SandboxLink, "sandboxLink"),
        Mac = MacAddress.Parse(Mac, "mac"),
        Addresses = Text.ToAddresses(Addresses),
        ProvidesDefaultRoute = ProvidesDefaultRoute,
        Aliases = Text.ToNames(Aliases),
        Ports = [.. Ports.Select(port => port.ToPort())],
        Phase = Phase switch
        {
            Settled => EndpointPhase.Settled,
            Pending => EndpointPhase.Pending,
            _ => throw new FormatException($"'{Printable.Quote(Phase)}' is no phase"),
        },
        CreatedAt = CreatedAt,
        GatewayPriority = GatewayPriority,
        ProvidesIPv6DefaultRoute = ProvidesIPv6DefaultRoute,
        Mtu = Mtu,
        Sysctls = Sysctls is { } sysctls ? [.. sysctls.Select(text => LinkSysctl.Parse(text, "sysctls"))] : [],
        Routes = Routes is { } routes ? [.. routes.Select(route => route.ToRoute())] : [],
        Links = Links is { } links ? [.. links.Select(text => EndpointLink.Parse(text, "links"))] : [],
    };
}
