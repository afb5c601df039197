// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Cli.Output;

/// <summary>Columns of text, each as wide as its widest cell, three spaces apart.</summary>
internal static class Table
{
    private const int Gap = 3;

    /// <summary>Prints a heading and rows of as many cells.</summary>
    public static void Print(TextWriter output, string[] heading, IEnumerable<string[]> rows)
    {
        List<string[]> all = [heading, .. rows];
        int[] widths = [.. Enumerable.Range(0, heading.Length).Select(column => all.Max(row => row[column].Length) + Gap)];
        foreach (string[] row in all)
        {
            output.WriteLine(string.Concat(row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
