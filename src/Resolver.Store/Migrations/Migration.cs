// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Store.Migrations;

/// <summary>One step of the schema. Once released it never changes; the next step comes behind it.</summary>
/// <param name="Version">The <c>user_version</c> that the database has afterwards.</param>
/// <param name="Sql">The statements, run in the transaction of all steps.</param>
internal sealed record Migration(int Version, string Sql)
{
    /// <summary>All steps in order; their versions are 1, 2, 3 and so on.</summary>
    internal static ImmutableArray<Migration> All { get; } = [Migration0001Objects.Value];

    /// <summary>The schema that this version of the program reads and writes.</summary>
    internal static int Current => All[^1].Version;
}
