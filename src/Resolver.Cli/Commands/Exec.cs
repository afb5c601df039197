// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver exec.</summary>
internal static class Exec
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> name = Options.Name("SANDBOX", "Name or id");
        Command command = new ExampleCommand("exec", "Start a program in a sandbox: resolver exec SANDBOX -- CMD")
        {
            Examples = ["resolver exec web -- dig db", "resolver exec web -- sh"],
        };
        command.Add(name);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            GetSandboxResponse response;
            using (DaemonClient client = session.Open(parsed))
            {
                GetSandboxRequest request = new() { Sandbox = parsed.GetValue(name)! };
                response = await client.Endpoints.GetSandboxAsync(request, DaemonClient.Within(cancellationToken));
            }

            SandboxEntry.Execute(response.Sandbox, session.Program);
            return 0;
        });
        return command;
    }
}
