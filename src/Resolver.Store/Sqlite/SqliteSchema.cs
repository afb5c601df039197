// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Microsoft.Data.Sqlite;
using Resolver.Core.Failures;
using Resolver.Store.Migrations;

namespace Resolver.Store.Sqlite;

/// <summary>Makes sure that a file is a database of ours, whole and of the schema that this program knows, before anything is written to it.</summary>
internal static class SqliteSchema
{
    /// <summary>"Rslv" in the file's header, where file(1) and SQLite look for whose database it is (PRAGMA application_id).</summary>
    internal const int ApplicationId = 0x52736C76;

    /// <summary>Checks the database and runs the migrations that it lacks.</summary>
    /// <exception cref="RefusedException">Unavailable: another program's, damaged, or newer; nothing was written.</exception>
    internal static void Prepare(SqliteConnection connection, string path)
    {
        long version = Scalar(connection, "PRAGMA user_version");
        bool isEmpty = Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && Scalar(connection, "PRAGMA application_id") != ApplicationId)
        {
            throw Refused(path, "it is another program's database; choose another --state-dir");
        }

        if (version > Migration.Current)
        {
            throw Refused(
                path, $"its schema {version} was written by a newer version (this one knows up to {Migration.Current}); upgrade, or restore an older copy");
        }

        if (Text(connection, "PRAGMA quick_check(1)") is { } damage && damage != "ok")
        {
            throw Refused(path, $"it is damaged ({damage}); restore a copy, or move it away to start anew");
        }

        // Only now: changing the journal mode writes to the file.
        Execute(connection, "PRAGMA journal_mode=WAL");
        Execute(connection, "PRAGMA synchronous=FULL");
        Migrate(connection, version);
    }

    internal static RefusedException Refused(string path, string why, Exception? cause = null) =>
        new(FailureReason.Unavailable, path, $"open store {path}: {why}", cause);

    internal static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string? Text(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }

    // BEGIN IMMEDIATE in any case: with locking_mode=EXCLUSIVE it takes the write lock for the connection's life.
    private static void Migrate(SqliteConnection connection, long version)
    {
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        foreach (Migration migration in Migration.All.Where(migration => migration.Version > version))
        {
            Execute(connection, migration.Sql);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={migration.Version}"));
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={ApplicationId}"));
        }

        transaction.Commit();
    }
}
