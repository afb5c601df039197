// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver rm.</summary>
internal static class Rm
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string[]> names = Options.Names("SANDBOX", "Names or ids");
        Command command = new ExampleCommand("rm", "Remove sandboxes; their processes go on without network") { names };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            foreach (string name in parsed.GetValue(names)!)
            {
                await client.Endpoints.RemoveSandboxAsync(new RemoveSandboxRequest { Sandbox = name }, DaemonClient.Within(cancellationToken));
                await session.Output.WriteLineAsync(name);
            }

            return 0;
        });
        return command;
    }
}
