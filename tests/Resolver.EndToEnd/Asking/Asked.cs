// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Resolver.EndToEnd.Asking;

/// <summary>What a client said (standard output and error), how it ended, and how long the call took.</summary>
public sealed partial record Asked(string Output, int Status, TimeSpan Took)
{
    private static readonly IPAddress Responder = IPAddress.Parse("127.0.0.11");

    /// <summary>Every address in what it said, however it said it; that of the responder, which many clients name, left out.</summary>
    public ImmutableHashSet<IPAddress> Addresses { get; } =
        [.. Address().Matches(Output).Select(match => IPAddress.Parse(match.Value)).Where(address => !address.Equals(Responder))];

    /// <summary>Reads what clients/timed.sh wrote. A program that timed its call itself is believed: the rest is what starting it cost.</summary>
    public static Asked Parse(string text)
    {
        Match ended = Ended().Match(text);
        Assert.True(ended.Success, text);
        string output = text[..ended.Index];
        Match took = SelfTimed().Match(output);
        string milliseconds = (took.Success ? took : ended).Groups["ms"].Value;
        return new(output, Number(ended.Groups["status"].Value), TimeSpan.FromMilliseconds(Number(milliseconds)));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b|\b(fd00|2001):[0-9a-f:]*[0-9a-f]\b")]
    private static partial Regex Address();

    [GeneratedRegex("^took (?<ms>[0-9]+) ms$", RegexOptions.Multiline)]
    private static partial Regex SelfTimed();

    [GeneratedRegex("^status (?<status>[0-9]+) after (?<ms>[0-9]+) ms$", RegexOptions.Multiline)]
    private static partial Regex Ended();
}
