// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Core.Failures;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>Which wishes about a network's traffic contradict each other. Pure.</summary>
internal static class PolicyRules
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <exception cref="RefusedException">Two of them do; the message names both.</exception>
    internal static void Check(string operation, CreateNetwork change)
    {
        TrafficPolicy policy = change.Policy;
        foreach (AddressFamily family in Families)
        {
            string option = family == AddressFamily.InterNetwork ? "gateway_mode_ipv4" : "gateway_mode_ipv6";
            GatewayMode mode = policy.ModeOf(family);
            CheckHasFamily(operation, change, family, option);
            if (mode == GatewayMode.Isolated && !policy.IsInternal)
            {
                throw RefusedException.Invalid(option, $"{operation}: {option} isolated leaves no way out, which only an internal network can do without; add --internal");
            }

            if (policy.IsInternal && mode is GatewayMode.Routed or GatewayMode.NatUnprotected)
            {
                throw RefusedException.Invalid(option, $"{operation}: {option} opens ports to the outside, and an internal network has no outside; leave one out");
            }

            if (policy.SourceAddressOf(family) is { } source && (mode == GatewayMode.Routed || !policy.Masquerades || policy.IsInternal))
            {
                string why = policy.IsInternal ? "nothing leaves an internal network" : "the endpoints' own addresses are to be kept";
                throw RefusedException.Invalid("source_addresses", $"{operation}: packets can't leave with {source}, because {why}; leave one out");
            }

            if (policy.SourceAddresses.Count(address => address.AddressFamily == family) > 1)
            {
                throw RefusedException.Invalid("source_addresses", $"{operation}: packets of a family leave with one address; leave the others out");
            }
        }

        CheckInternal(operation, change);
        CheckPublishAddress(operation, change.PublishAddress);
    }

    private static void CheckHasFamily(string operation, CreateNetwork change, AddressFamily family, string modeOption)
    {
        if (family == AddressFamily.InterNetwork ? change.HasIPv4 : change.AsksForIPv6)
        {
            return;
        }

        (string name, string remedy) = family == AddressFamily.InterNetwork ? ("IPv4", "") : ("IPv6", "add --ipv6, or ");
        if (change.Policy.ModeOf(family) != GatewayMode.Nat)
        {
            throw RefusedException.Invalid(modeOption, $"{operation}: {modeOption} is about {name}, which the network shall not have; {remedy}leave it out");
        }

        if (change.Policy.SourceAddressOf(family) is { } source)
        {
            throw RefusedException.Invalid(
                "source_addresses", $"{operation}: packets can't leave with {source}, because the network shall have no {name}; {remedy}leave it out");
        }
    }

    private static void CheckInternal(string operation, CreateNetwork change)
    {
        TrafficPolicy policy = change.Policy;
        if (policy.IsInternal && change.PublishAddress is { } address)
        {
            throw RefusedException.Invalid(
                "publish_address", $"{operation}: an internal network publishes nothing, on {address} or elsewhere; leave one out");
        }

        if (policy.IsInternal && !policy.TrustedLinks.IsEmpty)
        {
            throw RefusedException.Invalid(
                "trusted_links", $"{operation}: nothing comes into an internal network, so no link of the host can be trusted to; leave one out");
        }
    }

    private static void CheckPublishAddress(string operation, IPAddress? address)
    {
        if (address is not null && address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
        {
            throw RefusedException.Invalid("publish_address", $"{operation}: {address} has a zone; name an address that needs none");
        }
    }
}
