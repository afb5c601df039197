// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver dns query.</summary>
internal static class DnsQuery
{
    // https://www.iana.org/assignments/dns-parameters; any other is written TYPE123 (RFC 3597 §5).
    private static readonly Dictionary<string, uint> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["A"] = 1,
        ["NS"] = 2,
        ["CNAME"] = 5,
        ["SOA"] = 6,
        ["PTR"] = 12,
        ["MX"] = 15,
        ["TXT"] = 16,
        ["AAAA"] = 28,
        ["SRV"] = 33,
        ["NAPTR"] = 35,
        ["DS"] = 43,
        ["DNSKEY"] = 48,
        ["TLSA"] = 52,
        ["SVCB"] = 64,
        ["HTTPS"] = 65,
        ["ANY"] = 255,
        ["CAA"] = 257,
    };

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> name = Options.Name("NAME", "The name to ask for");
        Argument<string> type = new("TYPE") { Description = "A, AAAA, PTR, MX and so on, or TYPE123", DefaultValueFactory = _ => "A" };
        Option<string> from = new("--from") { HelpName = "SANDBOX", Description = "Whose view: name or id", Required = true };
        Option<bool> dnssec = new("--dnssec") { Description = "Ask for DNSSEC's records as well" };
        Command command = new ExampleCommand("query", "Ask as a sandbox would, and say who answered and how long it took")
        {
            Examples = ["resolver dns query db --from web", "resolver dns query www.example.org AAAA --from web"],
        };
        command.Add(name);
        command.Add(type);
        command.Add(from);
        command.Add(dnssec);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            QueryRequest request = new()
            {
                Sandbox = parsed.GetValue(from)!,
                Name = parsed.GetValue(name)!,
                Type = TypeOf(parsed.GetValue(type)!),
                Dnssec = parsed.GetValue(dnssec),
            };
            using DaemonClient client = session.Open(parsed);
            QueryResponse response = await client.Dns.QueryAsync(request, DaemonClient.Within(cancellationToken));
            foreach (string line in response.Lines)
            {
                await session.Output.WriteLineAsync(line);
            }

            string milliseconds = response.Duration.ToTimeSpan().TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
            await session.Output.WriteLineAsync($";; answered by {Text(response.Source)} in {milliseconds} ms, {response.Reply.Length} octets");
            return 0;
        });
        return command;
    }

    private static uint TypeOf(string text)
    {
        if (Types.TryGetValue(text, out uint known))
        {
            return known;
        }

        return text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
                ? number
                : throw new UsageException($"'{text}' is no type: write A, AAAA, PTR, MX, TXT, SRV and so on, or TYPE123");
    }

    private static string Text(AnswerSource source) => source switch
    {
        AnswerSource.Registry => "the registry",
        AnswerSource.Cache => "the cache",
        _ => "an upstream",
    };
}
