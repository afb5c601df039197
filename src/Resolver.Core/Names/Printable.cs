// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;

namespace Resolver.Core.Names;

/// <summary>Makes text from outside safe to print on one line of a log, an error or a terminal.</summary>
public static class Printable
{
    private const int MaxLength = 128;

    /// <summary>The text with control and non-ASCII characters as \uXXXX, cut after 128 characters.</summary>
    public static string Quote(string text)
    {
        StringBuilder builder = new(Math.Min(text.Length, MaxLength));
        foreach (char c in text)
        {
            if (builder.Length >= MaxLength)
            {
                return builder.Append("...").ToString();
            }

            if (c is >= ' ' and <= '~')
            {
                builder.Append(c);
            }
            else
            {
                builder.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return builder.ToString();
    }
}
