// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver unpublish.</summary>
internal static class Unpublish
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> sandbox = Options.Name("SANDBOX", "Name or id");
        Option<string?> network = Options.PublishingNetwork();
        Option<string[]> ports = Options.Texts(
            "--publish", "[IP:][HOST[-END]]:PORT[-END][/PROTO]", "What to take back, as it was published; without IP or HOST whatever leads to PORT", "-p");
        ports.Required = true;
        Command command = new ExampleCommand("unpublish", "Take published ports back, all or none; established connections go on")
        {
            Examples = ["resolver unpublish web -p 8443:443", "resolver unpublish web -p 443/udp"],
        };
        command.Add(sandbox);
        command.Add(network);
        command.Add(ports);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            UnpublishRequest request = new() { Sandbox = parsed.GetValue(sandbox)!, Network = parsed.GetValue(network) ?? "" };
            request.Ports.AddRange(parsed.GetValue(ports)!.Select(PortText.Parse));
            using DaemonClient client = session.Open(parsed);
            await client.Endpoints.UnpublishAsync(request, DaemonClient.Within(cancellationToken));
            return 0;
        });
        return command;
    }
}
