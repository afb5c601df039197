// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network rm.</summary>
internal static class NetworkRm
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string[]> names = Options.Names("NETWORK", "Names or ids");
        Command command = new ExampleCommand("rm", "Remove networks that no sandbox is connected to") { names };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            foreach (string name in parsed.GetValue(names)!)
            {
                await client.Networks.RemoveNetworkAsync(new RemoveNetworkRequest { Network = name }, DaemonClient.Within(cancellationToken));
                await session.Output.WriteLineAsync(name);
            }

            return 0;
        });
        return command;
    }
}
