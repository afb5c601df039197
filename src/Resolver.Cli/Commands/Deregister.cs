// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver deregister.</summary>
internal static class Deregister
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> network = Options.Name("NETWORK", "Name or id");
        Argument<string> name = Options.Name("NAME", "The registered name");
        Command command = new ExampleCommand("deregister", "Take a registered name back") { network, name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            DeregisterRequest request = new() { Network = parsed.GetValue(network)!, Name = parsed.GetValue(name)! };
            using DaemonClient client = session.Open(parsed);
            await client.Registry.DeregisterAsync(request, DaemonClient.Within(cancellationToken));
            return 0;
        });
        return command;
    }
}
