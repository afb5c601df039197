// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver dns stats.</summary>
internal static class DnsStats
{
    private static readonly string[] Heading = ["WHAT", "COUNT"];

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Option<OutputFormat> format = Options.Format();
        Command command = new ExampleCommand("stats", "Count questions and answers since the daemon's start, over all sandboxes") { format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            GetStatusResponse status = await client.Daemon.GetStatusAsync(new GetStatusRequest(), DaemonClient.Within(cancellationToken));
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                Json.Print(session.Output, Json.Node(status.Dns));
                return 0;
            }

            Table.Print(session.Output, Heading, Rows(status.Dns));
            return 0;
        });
        return command;
    }

    private static IEnumerable<string[]> Rows(DnsCounters dns) => new (string What, long Count)[]
    {
        ("questions", dns.Questions),
        ("answered from the registry", dns.LocalAnswers),
        ("answered from the cache", dns.CacheHits),
        ("answered from the cache, stale", dns.StaleAnswers),
        ("handed to upstreams", dns.Forwarded),
        ("upstreams failed", dns.ForwardingFailures),
        ("over a limit", dns.Refused),
        ("malformed", dns.Malformed),
        ("replies in the cache", dns.CacheEntries),
        ("octets in the cache", dns.CacheBytes),
    }.Select(row => new[] { row.What, row.Count.ToString(CultureInfo.InvariantCulture) });
}
