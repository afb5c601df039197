// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Contract.V1;
using Resolver.Control;
using Resolver.Core.Names;
using Endpoint = Resolver.Core.Endpoints.Endpoint;
using EndpointPhase = Resolver.Core.Endpoints.EndpointPhase;
using Network = Resolver.Core.Networks.Network;
using Registration = Resolver.Core.Registrations.Registration;
using Sandbox = Resolver.Core.Endpoints.Sandbox;

namespace Resolver.Daemon.Mapping;

/// <summary>Names and registrations as messages.</summary>
internal static class NameMessages
{
    /// <summary>One registration.</summary>
    public static Contract.V1.Registration From(Network network, Registration registration)
    {
        Contract.V1.Registration message = new() { NetworkId = network.Id.Value, NetworkName = network.Name.Value, Name = registration.Name.Value };
        message.Aliases.AddRange(registration.Aliases.Select(alias => alias.Value));
        message.Addresses.AddRange(registration.Addresses.Select(address => address.ToString()));
        return message;
    }

    /// <summary>What resolves on a network, by name, then by owner.</summary>
    public static IEnumerable<NameEntry> Of(DesiredState state, Network network)
    {
        IEnumerable<NameEntry> ofEndpoints = network.IsDefault
            ? []
            : state.EndpointsOfNetwork(network.Id).Where(endpoint => endpoint.Phase == EndpointPhase.Settled).SelectMany(endpoint => Of(state, endpoint));
        IEnumerable<NameEntry> ofRegistrations = state.Registrations.Values
            .Where(registration => registration.NetworkId == network.Id)
            .SelectMany(registration => Entries(
                [registration.Name, .. registration.Aliases], registration.Addresses, NameOwner.Registration, registration.Name.Value));
        return ofEndpoints.Concat(ofRegistrations)
            .OrderBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(entry => entry.OwnerName, StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<NameEntry> Of(DesiredState state, Endpoint endpoint)
    {
        if (!state.Sandboxes.TryGetValue(endpoint.SandboxId, out Sandbox? sandbox))
        {
            return [];
        }

        List<DnsName> names = [sandbox.Name.ToDnsName(), DnsName.Parse(sandbox.Id.ShortId, "id"), .. endpoint.Aliases];
        if (sandbox.Hostname is { } hostname)
        {
            names.Add(hostname);
        }

        return Entries(names, endpoint.Addresses, NameOwner.Endpoint, sandbox.Name.Value);
    }

    private static IEnumerable<NameEntry> Entries(IEnumerable<DnsName> names, IEnumerable<IPAddress> addresses, NameOwner owner, string ownerName) =>
        names.Distinct().Select(name =>
        {
            NameEntry entry = new() { Name = name.Value, Owner = owner, OwnerName = ownerName };
            entry.Addresses.AddRange(addresses.Select(address => address.ToString()));
            return entry;
        });
}
