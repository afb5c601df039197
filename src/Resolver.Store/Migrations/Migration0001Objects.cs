// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Store.Migrations;

/// <summary>Objects as documents by kind and id, and the number of the last commit.</summary>
internal static class Migration0001Objects
{
    internal static Migration Value { get; } = new(1, """
        CREATE TABLE object (
            kind     TEXT    NOT NULL,
            id       TEXT    NOT NULL,
            document TEXT    NOT NULL,
            revision INTEGER NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE counter (
            name  TEXT    NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO counter (name, value) VALUES ('revision', 0);
        """);
}
