// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Resolver.Core.Failures;

namespace Resolver.Store.Sqlite;

/// <summary>The embedded store: SQLite in WAL mode (https://www.sqlite.org/wal.html), synchronous FULL, one connection, an exclusive lock for the daemon's life.</summary>
public sealed class SqliteStore : IDesiredStore
{
    // Primary result codes (https://www.sqlite.org/rescode.html).
    private const int SqliteBusy = 5;       // SQLITE_BUSY
    private const int SqliteReadOnly = 8;   // SQLITE_READONLY
    private const int SqliteCorrupt = 11;   // SQLITE_CORRUPT
    private const int SqliteFull = 13;      // SQLITE_FULL
    private const int SqliteCannotOpen = 14; // SQLITE_CANTOPEN
    private const int SqliteNotADatabase = 26; // SQLITE_NOTADB

    private readonly SqliteConnection _connection;
    private readonly string _path;

    // Kept, so that each is compiled once.
    private readonly SqliteCommand _count;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;

    private SqliteStore(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
        _count = Command("UPDATE counter SET value = value + 1 WHERE name = 'revision'");
        _put = Command(
            "INSERT INTO object (kind, id, document, revision) VALUES ($kind, $id, $document, (SELECT value FROM counter WHERE name = 'revision')) "
            + "ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document, revision = excluded.revision",
            "$kind",
            "$id",
            "$document");
        _delete = Command("DELETE FROM object WHERE kind = $kind AND id = $id", "$kind", "$id");
    }

    /// <summary>Opens or creates the database and brings its schema up to date.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <exception cref="RefusedException">Unavailable: not a database, a newer schema, locked by another daemon, not writable; says which.</exception>
    public static SqliteStore Open(string path)
    {
        SqliteConnectionStringBuilder builder = new()
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false, // A pooled connection would keep the lock after Dispose.
            DefaultTimeout = 1, // Seconds to wait for another process's lock; 0 would wait for ever.
        };
        SqliteConnection connection = new(builder.ToString());
        try
        {
            connection.Open();

            // Before the first access, so that WAL needs no shared memory and the lock is held until the connection closes.
            SqliteSchema.Execute(connection, "PRAGMA locking_mode=EXCLUSIVE");
            SqliteSchema.Prepare(connection, path);
            return new SqliteStore(connection, path);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteSchema.Refused(path, Why(e), e);
        }
        catch (RefusedException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RefusedException">Unavailable: a row can't be read; the message names it.</exception>
    public ValueTask<StoredState> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(Load());
        }
        catch (SqliteException e)
        {
            throw new RefusedException(FailureReason.Unavailable, _path, $"read store {_path}: {Why(e)}", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask CommitAsync(ImmutableArray<StoreOperation> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Commit(batch);
            return ValueTask.CompletedTask;
        }
        catch (SqliteException e)
        {
            throw new RefusedException(FailureReason.Unavailable, _path, $"write store {_path}: {Why(e)}; nothing was changed", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _count.Dispose();
        _put.Dispose();
        _delete.Dispose();
        return _connection.DisposeAsync();
    }

    /// <summary>Bounds the file, so that a test can fill it (PRAGMA max_page_count).</summary>
    internal void LimitPages(int pages) =>
        SqliteSchema.Execute(_connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={pages}"));

    private static string Why(SqliteException e) => e.SqliteErrorCode switch
    {
        SqliteBusy => "it is in use by another process, probably a daemon that runs already; stop that one or choose another --state-dir",
        SqliteReadOnly => "it can't be written (read-only file, directory or file system)",
        SqliteFull => "the disk is full; make room and try again",
        SqliteCannotOpen => "it can't be opened: does its directory exist, and may this user read and write it?",
        SqliteNotADatabase => "it is no SQLite database; move it away or choose another --state-dir",
        SqliteCorrupt => "it is damaged; restore a copy, or move it away to start anew",
        _ => e.Message,
    };

    private void Commit(ImmutableArray<StoreOperation> batch)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        (_count.Transaction, _put.Transaction, _delete.Transaction) = (transaction, transaction, transaction);
        _count.ExecuteNonQuery();
        foreach (StoreOperation operation in batch)
        {
            ObjectRow row = ObjectRow.Of(operation);
            SqliteCommand command = row.Document is null ? _delete : _put;
            command.Parameters["$kind"].Value = row.Kind;
            command.Parameters["$id"].Value = row.Id;
            if (row.Document is not null)
            {
                command.Parameters["$document"].Value = row.Document;
            }

            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(parameter, SqliteType.Text);
        }

        return command;
    }

    private StoredState Load()
    {
        ILookup<string, ObjectRow> rows = ReadRows().ToLookup(row => row.Kind);
        string[] known = [ObjectRow.NetworkKind, ObjectRow.SandboxKind, ObjectRow.EndpointKind, ObjectRow.RegistrationKind];
        ObjectRow? unknown = rows.Where(group => !known.Contains(group.Key)).SelectMany(group => group).FirstOrDefault();
        return unknown is not null
            ? throw Unreadable(unknown, new FormatException("this version knows no such kind"))
            : new StoredState(
                SqliteSchema.Scalar(_connection, "SELECT value FROM counter WHERE name = 'revision'"),
                Map(rows[ObjectRow.NetworkKind], row => row.ToNetwork()),
                Map(rows[ObjectRow.SandboxKind], row => row.ToSandbox()),
                Map(rows[ObjectRow.EndpointKind], row => row.ToEndpoint()),
                Map(rows[ObjectRow.RegistrationKind], row => row.ToRegistration()));
    }

    private List<ObjectRow> ReadRows()
    {
        using SqliteCommand command = Command("SELECT kind, id, document FROM object ORDER BY kind, id");
        using SqliteDataReader reader = command.ExecuteReader();
        List<ObjectRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new ObjectRow(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        return rows;
    }

    private ImmutableArray<T> Map<T>(IEnumerable<ObjectRow> rows, Func<ObjectRow, T> map)
    {
        ImmutableArray<T>.Builder values = ImmutableArray.CreateBuilder<T>();
        foreach (ObjectRow row in rows)
        {
            try
            {
                values.Add(map(row));
            }
            catch (FormatException e)
            {
                throw Unreadable(row, e);
            }
        }

        return values.ToImmutable();
    }

    private RefusedException Unreadable(ObjectRow row, FormatException cause) => new(
        FailureReason.Unavailable,
        _path,
        $"read store {_path}: row {row.Kind} {row.Id} can't be read: {cause.Message}; it was written by another version or damaged",
        cause);
}
