// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network disconnect.</summary>
internal static class NetworkDisconnect
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> network = Options.Name("NETWORK", "Name or id");
        Argument<string> sandbox = Options.Name("SANDBOX", "Name or id");
        Command command = new ExampleCommand("disconnect", "Take a sandbox off a network") { network, sandbox };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DisconnectRequest request = new() { Network = parsed.GetValue(network)!, Sandbox = parsed.GetValue(sandbox)! };
            using DaemonClient client = session.Open(parsed);
            await client.Endpoints.DisconnectAsync(request, DaemonClient.Within(cancellationToken));
            return 0;
        });
        return command;
    }
}
