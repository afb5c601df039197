// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Daemon.Mapping;

/// <summary>Requests about networks as changes.</summary>
internal static class NetworkRequests
{
    // IPv4's smallest MTU (RFC 791) and the largest that rtnetlink takes for a veth.
    private const uint MinMtu = 68;
    private const uint MaxMtu = 65535;
    private const long MaxTtlSeconds = 86400;

    /// <summary>A network to create.</summary>
    /// <exception cref="RefusedException">A field makes no sense.</exception>
    public static CreateNetwork ToChange(CreateNetworkRequest request)
    {
        (Subnet? subnet, IPAddress? gateway) = Single(request);
        return new CreateNetwork(ObjectName.Parse(request.Name, "name"), subnet, gateway)
        {
            Mtu = request.HasMtu ? Mtu(request.Mtu) : null,
            Upstreams = Fields.Each(request.Upstreams, "upstreams", Fields.MaxServers, Upstream.Parse),
            Search = Fields.Each(request.Search, "search", Fields.MaxServers, DnsName.Parse),
            NameTtl = request.NameTtl is null ? null : NameTtl(request.NameTtl),
            ForwardsSingleLabels = request.ForwardSingleLabels,
            Labels = Fields.Labels(request.Labels, "labels"),
        };
    }

    /// <summary>A network to remove.</summary>
    /// <exception cref="RefusedException">A field makes no sense.</exception>
    public static RemoveNetwork ToChange(RemoveNetworkRequest request) => new(Fields.Required(request.Network, "network"));

    private static (Subnet? Subnet, IPAddress? Gateway) Single(CreateNetworkRequest request)
    {
        if (request.Subnets.Count > 1)
        {
            throw RefusedException.Invalid("subnets", $"subnets has {request.Subnets.Count} entries: a network has one IPv4 subnet");
        }

        if (request.Subnets.Count == 0)
        {
            return (null, null);
        }

        Subnet? subnet = Fields.Optional(request.Subnets[0].Subnet, "subnet", Subnet.Parse);
        if (subnet is { IsIPv4: false })
        {
            throw RefusedException.Invalid("subnet", $"subnet {subnet} is IPv6: a network has one IPv4 subnet");
        }

        IPAddress? gateway = Fields.Optional(request.Subnets[0].Gateway, "gateway", Fields.Address);
        if (gateway is { AddressFamily: not AddressFamily.InterNetwork })
        {
            throw RefusedException.Invalid("gateway", $"gateway {gateway} is IPv6: a network has one IPv4 subnet");
        }

        return gateway is not null && subnet is null
            ? throw RefusedException.Invalid("gateway", $"gateway {gateway} needs its subnet: give both, or neither")
            : (subnet, gateway);
    }

    private static TimeSpan NameTtl(Duration ttl) => ttl is { Nanos: 0, Seconds: >= 1 and <= MaxTtlSeconds }
        ? TimeSpan.FromSeconds(ttl.Seconds)
        : throw RefusedException.Invalid(
            "name_ttl", string.Create(CultureInfo.InvariantCulture, $"name_ttl is out of range: use whole seconds, 1 to {MaxTtlSeconds}"));

    private static int Mtu(uint mtu) => mtu is >= MinMtu and <= MaxMtu
        ? (int)mtu
        : throw RefusedException.Invalid("mtu", string.Create(CultureInfo.InvariantCulture, $"mtu {mtu} is out of range: use {MinMtu} to {MaxMtu}"));
}
