// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Store.Sqlite;

/// <summary>The embedded store: SQLite in WAL mode (https://www.sqlite.org/wal.html), synchronous FULL, one connection, an exclusive lock for the daemon's life.</summary>
public sealed class SqliteStore : IDesiredStore
{
    /// <summary>Opens or creates the database and brings its schema up to date.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <exception cref="Core.Failures.RefusedException">Unavailable: not a database, a newer schema, locked by another daemon, not writable; says which.</exception>
    public static SqliteStore Open(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask<StoredState> LoadAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask CommitAsync(ImmutableArray<StoreOperation> batch, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
