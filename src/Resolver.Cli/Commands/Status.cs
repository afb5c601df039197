// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Grpc.Core;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver status.</summary>
internal static class Status
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Option<string?> wait = Options.Text("--wait", "DURATION", "Wait as long as this for the daemon to be ready, such as 10s");
        Option<OutputFormat> format = Options.Format();
        Command command = new ExampleCommand("status", "Show how the daemon is; exits with 1 unless it is ready")
        {
            Examples = ["resolver status --wait 10s", "resolver status --format json"],
        };
        command.Add(wait);
        command.Add(format);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            TimeSpan patience = parsed.GetValue(wait) is { } text ? DurationText.Parse(text) : TimeSpan.Zero;
            using DaemonClient client = session.Open(parsed);
            GetStatusResponse status = await GetAsync(client, patience, cancellationToken);
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                Json.Print(session.Output, Json.Node(status));
            }
            else
            {
                Print(session.Output, status);
            }

            return status.State == DaemonState.Ready ? 0 : 1;
        });
        return command;
    }

    private static async Task<GetStatusResponse> GetAsync(DaemonClient client, TimeSpan patience, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            bool last = TimeProvider.System.GetElapsedTime(start) >= patience;
            try
            {
                GetStatusResponse status = await client.Daemon.GetStatusAsync(new GetStatusRequest(), DaemonClient.Within(cancellationToken));
                if (last || status.State == DaemonState.Ready)
                {
                    return status;
                }
            }
            catch (RpcException e) when (!last && e.StatusCode == StatusCode.Unavailable)
            {
                // Not listening yet.
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static void Print(TextWriter output, GetStatusResponse status)
    {
        DnsCounters dns = status.Dns;
        output.WriteLine($"resolverd {status.Version}, pid {status.Pid}, {status.State.ToString().ToLowerInvariant()}, up {status.Uptime.ToTimeSpan():d\\.hh\\:mm\\:ss}");
        output.WriteLine($"{status.Networks} networks, {status.Sandboxes} sandboxes, {status.Endpoints} endpoints, {status.Registrations} registrations, revision {status.Revision}");
        output.WriteLine($"{dns.Questions} questions: {dns.LocalAnswers} answered here, {dns.Forwarded} forwarded ({dns.ForwardingFailures} failed), {dns.Refused} over a limit, {dns.Malformed} malformed");
        output.WriteLine($"cache: {dns.CacheHits} hits, {dns.CacheMisses} misses, {dns.StaleAnswers} stale answers, {dns.CacheEntries} replies in {dns.CacheBytes / 1024} KiB");
        foreach (string warning in status.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
    }
}
