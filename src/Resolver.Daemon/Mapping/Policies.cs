// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Core.Names;
using GatewayMode = Resolver.Core.Networks.GatewayMode;
using TrafficPolicy = Resolver.Core.Networks.TrafficPolicy;

namespace Resolver.Daemon.Mapping;

/// <summary>Policies of networks, both ways.</summary>
internal static class Policies
{
    private const int MaxLinks = 16;
    private const int MaxAddresses = 2;

    /// <summary>The policy of a request.</summary>
    /// <exception cref="RefusedException">A field makes no sense.</exception>
    public static TrafficPolicy From(Contract.V1.TrafficPolicy policy) => new()
    {
        IsInternal = policy.Internal,
        AllowsPeers = !policy.SeparatePeers,
        IPv4Mode = Mode(policy.Ipv4Mode, "ipv4_mode"),
        IPv6Mode = Mode(policy.Ipv6Mode, "ipv6_mode"),
        TrustedLinks = Fields.Each(policy.TrustedLinks, "trusted_links", MaxLinks, InterfaceName.Parse),
        Masquerades = !policy.KeepSourceAddresses,
        SourceAddresses = Fields.Each(policy.SourceAddresses, "source_addresses", MaxAddresses, Fields.Address),
        AllowsSpoofing = policy.AllowSpoofing,
    };

    /// <summary>A policy as a message.</summary>
    public static Contract.V1.TrafficPolicy From(TrafficPolicy policy)
    {
        Contract.V1.TrafficPolicy message = new()
        {
            Internal = policy.IsInternal,
            SeparatePeers = !policy.AllowsPeers,
            Ipv4Mode = Mode(policy.IPv4Mode),
            Ipv6Mode = Mode(policy.IPv6Mode),
            KeepSourceAddresses = !policy.Masquerades,
            AllowSpoofing = policy.AllowsSpoofing,
        };
        message.TrustedLinks.AddRange(policy.TrustedLinks.Select(link => link.Value));
        message.SourceAddresses.AddRange(policy.SourceAddresses.Select(address => address.ToString()));
        return message;
    }

    private static GatewayMode Mode(Contract.V1.GatewayMode mode, string field) => mode switch
    {
        Contract.V1.GatewayMode.Unspecified or Contract.V1.GatewayMode.Nat => GatewayMode.Nat,
        Contract.V1.GatewayMode.Routed => GatewayMode.Routed,
        Contract.V1.GatewayMode.NatUnprotected => GatewayMode.NatUnprotected,
        Contract.V1.GatewayMode.Isolated => GatewayMode.Isolated,
        _ => throw RefusedException.Invalid(field, $"{field} {(int)mode} is no gateway mode"),
    };

    private static Contract.V1.GatewayMode Mode(GatewayMode mode) => mode switch
    {
        GatewayMode.Routed => Contract.V1.GatewayMode.Routed,
        GatewayMode.NatUnprotected => Contract.V1.GatewayMode.NatUnprotected,
        GatewayMode.Isolated => Contract.V1.GatewayMode.Isolated,
        _ => Contract.V1.GatewayMode.Nat,
    };
}
