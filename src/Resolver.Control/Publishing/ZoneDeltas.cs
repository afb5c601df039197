// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Registrations;
using Resolver.Dns.Zones;
using Resolver.Store;

namespace Resolver.Control.Publishing;

/// <summary>What a change of desired state means for the zones. Pure; looks only at the names and addresses that the change touches.</summary>
internal static class ZoneDeltas
{
    /// <summary>The deltas by network that lead from one state to the next.</summary>
    internal static ImmutableArray<(ObjectId Network, ZoneDelta Delta)> Between(
        DesiredState before, DesiredState after, IEnumerable<StoreOperation> operations)
    {
        Dictionary<ObjectId, (HashSet<DnsName> Names, HashSet<IPAddress> Addresses)> touched = [];
        foreach (StoreOperation operation in operations)
        {
            foreach (DesiredState state in (ReadOnlySpan<DesiredState>)[before, after])
            {
                if (OwnerIn(state, operation) is not { } found)
                {
                    continue;
                }

                if (!touched.TryGetValue(found.Network, out (HashSet<DnsName> Names, HashSet<IPAddress> Addresses) sets))
                {
                    sets = touched[found.Network] = ([], []);
                }

                sets.Names.UnionWith(found.Owner.Names);
                sets.Addresses.UnionWith(found.Owner.Addresses);
            }
        }

        return [.. touched.Select(entry => (entry.Key, Delta(after.IndexOf(entry.Key), entry.Value.Names, entry.Value.Addresses)))];
    }

    /// <summary>The delta that fills an empty zone of a network.</summary>
    internal static ZoneDelta Whole(NetworkIndex index) => Delta(index, index.Names.Keys, index.Pointers.Keys);

    private static ZoneDelta Delta(NetworkIndex index, IEnumerable<DnsName> names, IEnumerable<IPAddress> addresses) => new(
        [
            .. names.Select(name => new NameAddresses(
                name, [.. index.Names.GetValueOrDefault(name, []).SelectMany(owner => owner.Addresses).Distinct()])),
        ],
        [
            .. addresses.Select(address => new AddressPointers(
                address, [.. index.Pointers.GetValueOrDefault(address, []).Select(owner => owner.MainName).Distinct()])),
        ]);

    private static (ObjectId Network, NameOwner Owner)? OwnerIn(DesiredState state, StoreOperation operation)
    {
        return operation switch
        {
            StoreOperation.PutEndpoint put => OfEndpoint(put.Endpoint.Id),
            StoreOperation.DeleteEndpoint delete => OfEndpoint(delete.Id),
            StoreOperation.PutRegistration put => OfRegistration(put.Registration.NetworkId, put.Registration.Name),
            StoreOperation.DeleteRegistration delete => OfRegistration(delete.NetworkId, delete.Name),
            _ => null,
        };

        (ObjectId, NameOwner)? OfEndpoint(ObjectId id) => state.Endpoints.TryGetValue(id, out Endpoint? endpoint)
            ? (endpoint.NetworkId, NameOwner.Of(endpoint, state.Sandboxes[endpoint.SandboxId]))
            : null;

        (ObjectId, NameOwner)? OfRegistration(ObjectId network, DnsName name) =>
            state.Registrations.TryGetValue((network, name), out Registration? registration) ? (network, NameOwner.Of(registration)) : null;
    }
}
