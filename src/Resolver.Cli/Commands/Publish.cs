// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver publish.</summary>
internal static class Publish
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> sandbox = Options.Name("SANDBOX", "Name or id");
        Option<string?> network = Options.PublishingNetwork();
        Option<string[]> ports = Options.Publish();
        ports.Required = true;
        Command command = new ExampleCommand("publish", "Publish further ports of a running sandbox, all or none; prints where they are")
        {
            Examples = ["resolver publish web -p 8443:443 -p 8443:443/udp", "resolver publish web --network app -p 127.0.0.1::80"],
        };
        command.Add(sandbox);
        command.Add(network);
        command.Add(ports);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            PublishRequest request = new() { Sandbox = parsed.GetValue(sandbox)!, Network = parsed.GetValue(network) ?? "" };
            request.Ports.AddRange(parsed.GetValue(ports)!.Select(PortText.Parse));
            using DaemonClient client = session.Open(parsed);
            PublishResponse response = await client.Endpoints.PublishAsync(request, DaemonClient.Within(cancellationToken));
            Port.Print(session.Output, response.Endpoint.Ports);
            return 0;
        });
        return command;
    }
}
