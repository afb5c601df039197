// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;

namespace Resolver.Cli;

/// <summary>What is wrong with the arguments, in words that need no knowledge of types of .NET.</summary>
internal static partial class ParseProblem
{
    /// <param name="message">As the parser puts it.</param>
    internal static string Of(string message)
    {
        Match match = Conversion().Match(message);
        if (!match.Success)
        {
            return message.TrimEnd('.');
        }

        string wanted = match.Groups["type"].Value switch
        {
            string type when type.Contains("UInt32", StringComparison.Ordinal) => "write a whole number, 0 or more",
            string type when type.Contains("Int32", StringComparison.Ordinal) => "write a whole number",
            _ => "it is none of the values that the help names",
        };
        return $"{match.Groups["option"].Value} {match.Groups["value"].Value}: {wanted}";
    }

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '(?<option>.*)' as expected type '(?<type>.*)'[.]", RegexOptions.Singleline)]
    private static partial Regex Conversion();
}
