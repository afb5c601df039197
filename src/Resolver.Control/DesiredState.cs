// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;

namespace Resolver.Control;

/// <summary>What should exist. Immutable: a change makes a new value that shares what did not change.</summary>
public sealed record DesiredState
{
    /// <summary>The number of the last committed change.</summary>
    public long Revision { get; init; }

    /// <summary>All networks by id.</summary>
    public ImmutableDictionary<ObjectId, Network> Networks { get; init; } = ImmutableDictionary<ObjectId, Network>.Empty;

    /// <summary>All sandboxes by id.</summary>
    public ImmutableDictionary<ObjectId, Sandbox> Sandboxes { get; init; } = ImmutableDictionary<ObjectId, Sandbox>.Empty;

    /// <summary>All endpoints by id.</summary>
    public ImmutableDictionary<ObjectId, Endpoint> Endpoints { get; init; } = ImmutableDictionary<ObjectId, Endpoint>.Empty;

    /// <summary>All registrations by network and name.</summary>
    public ImmutableDictionary<(ObjectId Network, DnsName Name), Registration> Registrations { get; init; } =
        ImmutableDictionary<(ObjectId, DnsName), Registration>.Empty;

    /// <summary>The network with this name, full id or unambiguous id prefix of at least 4 digits; null if there is none.</summary>
    public Network? FindNetwork(string nameOrId) => throw new NotImplementedException();

    /// <summary>The sandbox with this name, full id or unambiguous id prefix of at least 4 digits; null if there is none.</summary>
    public Sandbox? FindSandbox(string nameOrId) => throw new NotImplementedException();

    /// <summary>The endpoints of a network, by the time they were connected.</summary>
    public ImmutableArray<Endpoint> EndpointsOfNetwork(ObjectId network) => throw new NotImplementedException();

    /// <summary>The endpoints of a sandbox, by the time they were connected.</summary>
    public ImmutableArray<Endpoint> EndpointsOfSandbox(ObjectId sandbox) => throw new NotImplementedException();
}
