// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;

namespace Resolver.Control;

/// <summary>
/// What should exist. Immutable: a change makes a new value that shares what did not change. Beside the objects it keeps the indexes that
/// make a look-up and an admission cost what the change costs, never what the state does.
/// </summary>
public sealed partial record DesiredState
{
    /// <summary>The fewest digits of an id that stand for it.</summary>
    private const int MinIdPrefixLength = 4;

    /// <summary>The number of the last committed change.</summary>
    public long Revision { get; internal init; }

    /// <summary>All networks by id.</summary>
    public ImmutableDictionary<ObjectId, Network> Networks { get; private init; } = ImmutableDictionary<ObjectId, Network>.Empty;

    /// <summary>All sandboxes by id.</summary>
    public ImmutableDictionary<ObjectId, Sandbox> Sandboxes { get; private init; } = ImmutableDictionary<ObjectId, Sandbox>.Empty;

    /// <summary>All endpoints by id.</summary>
    public ImmutableDictionary<ObjectId, Endpoint> Endpoints { get; private init; } = ImmutableDictionary<ObjectId, Endpoint>.Empty;

    /// <summary>All registrations by network and name.</summary>
    public ImmutableDictionary<(ObjectId Network, DnsName Name), Registration> Registrations { get; private init; } =
        ImmutableDictionary<(ObjectId, DnsName), Registration>.Empty;

    /// <summary>The network with this name, full id or unambiguous id prefix of at least 4 digits; null if there is none.</summary>
    public Network? FindNetwork(string nameOrId) =>
        ObjectName.TryParse(nameOrId, out ObjectName? name) && _networkNames.TryGetValue(name, out ObjectId id)
        || TryFindId(_networkIds, nameOrId, out id)
            ? Networks[id]
            : null;

    /// <summary>The sandbox with this name, full id or unambiguous id prefix of at least 4 digits; null if there is none.</summary>
    public Sandbox? FindSandbox(string nameOrId) =>
        ObjectName.TryParse(nameOrId, out ObjectName? name) && _sandboxNames.TryGetValue(name, out ObjectId id)
        || TryFindId(_sandboxIds, nameOrId, out id)
            ? Sandboxes[id]
            : null;

    /// <summary>The endpoints of a network, by the time they were connected.</summary>
    public ImmutableArray<Endpoint> EndpointsOfNetwork(ObjectId network) =>
        _byNetwork.TryGetValue(network, out NetworkIndex? index) ? Resolve(index.Endpoints) : [];

    /// <summary>The endpoints of a sandbox, by the time they were connected.</summary>
    public ImmutableArray<Endpoint> EndpointsOfSandbox(ObjectId sandbox) =>
        _bySandbox.TryGetValue(sandbox, out ImmutableSortedSet<EndpointKey>? keys) ? Resolve(keys) : [];

    private static bool TryFindId(ImmutableSortedSet<string> ids, string prefix, out ObjectId id)
    {
        id = default;
        if (prefix.Length < MinIdPrefixLength)
        {
            return false;
        }

        int position = ids.IndexOf(prefix);
        position = position < 0 ? ~position : position;
        bool isFound = StartsAt(position) && !StartsAt(position + 1) && ObjectId.TryParse(ids[position], out id);
        return isFound;

        bool StartsAt(int index) => index < ids.Count && ids[index].StartsWith(prefix, StringComparison.Ordinal);
    }

    private ImmutableArray<Endpoint> Resolve(ImmutableSortedSet<EndpointKey> keys) => [.. keys.Select(key => Endpoints[key.Id])];
}
