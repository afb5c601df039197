// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Cli.Output;

/// <summary>How a listing is printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: one JSON array, with the field names of the API in camelCase.</summary>
    Json,
}
