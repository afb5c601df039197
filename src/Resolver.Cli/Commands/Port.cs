// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver port.</summary>
internal static class Port
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> sandbox = Options.Name("SANDBOX", "Name or id");
        Option<OutputFormat> format = Options.Format();
        Command command = new ExampleCommand("port", "Show where the ports of a sandbox are published") { sandbox, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            GetSandboxRequest request = new() { Sandbox = parsed.GetValue(sandbox)! };
            GetSandboxResponse response = await client.Endpoints.GetSandboxAsync(request, DaemonClient.Within(cancellationToken));
            PublishedPort[] ports = [.. response.Sandbox.Endpoints.SelectMany(endpoint => endpoint.Ports)];
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                Json.Print(session.Output, Json.Array(ports));
            }
            else
            {
                Print(session.Output, ports);
            }

            return 0;
        });
        return command;
    }

    /// <summary>Prints a line per port, as docker port does: <c>80/tcp -> 0.0.0.0:8080</c>.</summary>
    internal static void Print(TextWriter output, IEnumerable<PublishedPort> ports)
    {
        foreach (PublishedPort port in ports.OrderBy(port => port.EndpointPort).ThenBy(port => port.Protocol))
        {
            output.WriteLine($"{Text.EndpointPort(port)} -> {Text.HostPort(port)}");
        }
    }
}
