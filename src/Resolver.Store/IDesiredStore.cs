// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;

namespace Resolver.Store;

/// <summary>Where desired state lives. A commit that has returned survives SIGKILL. One committer at a time.</summary>
public interface IDesiredStore : IAsyncDisposable
{
    /// <summary>All that is stored.</summary>
    ValueTask<StoredState> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Writes all of the batch or nothing, in one transaction.</summary>
    /// <exception cref="Core.Failures.RefusedException">Unavailable: the store can't write (disk full, read-only); nothing was changed.</exception>
    ValueTask CommitAsync(ImmutableArray<StoreOperation> batch, CancellationToken cancellationToken);
}

/// <summary>Everything that a store holds.</summary>
/// <param name="Revision">The number of the last commit; 0 for a new store.</param>
/// <param name="Networks">All networks.</param>
/// <param name="Sandboxes">All sandboxes.</param>
/// <param name="Endpoints">All endpoints.</param>
/// <param name="Registrations">All registrations.</param>
public sealed record StoredState(
    long Revision,
    ImmutableArray<Network> Networks,
    ImmutableArray<Sandbox> Sandboxes,
    ImmutableArray<Endpoint> Endpoints,
    ImmutableArray<Registration> Registrations);

/// <summary>One write of a batch. The set of cases is closed: put or delete of each kind.</summary>
public abstract record StoreOperation
{
    private StoreOperation()
    {
    }

    /// <summary>Inserts or replaces a network by id.</summary>
    /// <param name="Network">The new value.</param>
    public sealed record PutNetwork(Network Network) : StoreOperation;

    /// <summary>Deletes a network.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record DeleteNetwork(ObjectId Id) : StoreOperation;

    /// <summary>Inserts or replaces a sandbox by id.</summary>
    /// <param name="Sandbox">The new value.</param>
    public sealed record PutSandbox(Sandbox Sandbox) : StoreOperation;

    /// <summary>Deletes a sandbox.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record DeleteSandbox(ObjectId Id) : StoreOperation;

    /// <summary>Inserts or replaces an endpoint by id.</summary>
    /// <param name="Endpoint">The new value.</param>
    public sealed record PutEndpoint(Endpoint Endpoint) : StoreOperation;

    /// <summary>Deletes an endpoint.</summary>
    /// <param name="Id">Its id.</param>
    public sealed record DeleteEndpoint(ObjectId Id) : StoreOperation;

    /// <summary>Inserts or replaces a registration by network and name.</summary>
    /// <param name="Registration">The new value.</param>
    public sealed record PutRegistration(Registration Registration) : StoreOperation;

    /// <summary>Deletes a registration.</summary>
    /// <param name="NetworkId">Its network.</param>
    /// <param name="Name">Its name, any case.</param>
    public sealed record DeleteRegistration(ObjectId NetworkId, DnsName Name) : StoreOperation;
}
