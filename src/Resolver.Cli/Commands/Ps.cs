// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver ps.</summary>
internal static class Ps
{
    private static readonly string[] Heading = ["SANDBOX ID", "NAME", "NETWORKS", "PORTS", "PID", "NETNS"];

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Option<OutputFormat> format = Options.Format();
        Option<bool> quiet = Options.Quiet();
        Command command = new ExampleCommand("ps", "List the sandboxes") { format, quiet };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            ListSandboxesResponse response = await client.Endpoints.ListSandboxesAsync(new ListSandboxesRequest(), DaemonClient.Within(cancellationToken));
            Listing.Print(session.Output, parsed.GetValue(format), parsed.GetValue(quiet), new Listing<Sandbox>(response.Sandboxes, Heading, Row, sandbox => sandbox.Id));
            return 0;
        });
        return command;
    }

    private static string[] Row(Sandbox sandbox) =>
    [
        Text.ShortId(sandbox.Id),
        sandbox.Name,
        Text.List(sandbox.Endpoints.Select(endpoint => $"{endpoint.NetworkName}={string.Join('+', endpoint.Addresses)}")),
        Text.List(sandbox.Endpoints.SelectMany(endpoint => endpoint.Ports).Select(port => Text.Port(port))),
        sandbox.HasProcessId ? sandbox.ProcessId.ToString(CultureInfo.InvariantCulture) : "",
        sandbox.NetnsPath,
    ];
}
