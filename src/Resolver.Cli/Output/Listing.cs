// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf;

namespace Resolver.Cli.Output;

/// <summary>Objects to list.</summary>
/// <typeparam name="T">Their message.</typeparam>
/// <param name="Items">The objects.</param>
/// <param name="Heading">The heading of the table.</param>
/// <param name="Row">An object's cells, one per column.</param>
/// <param name="Id">An object's id, for -q.</param>
internal sealed record Listing<T>(IReadOnlyCollection<T> Items, string[] Heading, Func<T, string[]> Row, Func<T, string> Id) where T : IMessage;

/// <summary>Prints listings.</summary>
internal static class Listing
{
    /// <summary>Prints ids, JSON or a table.</summary>
    public static void Print<T>(TextWriter output, OutputFormat format, bool quiet, Listing<T> listing) where T : IMessage
    {
        if (quiet)
        {
            foreach (T item in listing.Items)
            {
                output.WriteLine(Text.ShortId(listing.Id(item)));
            }
        }
        else if (format == OutputFormat.Json)
        {
            Json.Print(output, Json.Array(listing.Items.Cast<IMessage>()));
        }
        else
        {
            Table.Print(output, listing.Heading, listing.Items.Select(listing.Row));
        }
    }
}
