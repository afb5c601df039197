// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver down and resolver uninstall.</summary>
internal static class Down
{
    /// <summary>resolver down.</summary>
    public static Command Create(Session session) => Create(
        session,
        new ExampleCommand("down", "Remove all sandboxes, networks and names; the daemon and its default network stay, and so do processes, without network"),
        uninstalls: false);

    /// <summary>resolver uninstall.</summary>
    public static Command CreateUninstall(Session session) => Create(
        session,
        new ExampleCommand("uninstall", "The same with all else that the host has of the daemon: its rules, and settings that it changed; then the daemon ends"),
        uninstalls: true);

    private static ExampleCommand Create(Session session, ExampleCommand command, bool uninstalls)
    {
        Option<bool> force = new("--force", "-f") { Description = "Do not ask" };
        command.Add(force);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(force) && !await Question.AgreesAsync(session.Output, "This removes all sandboxes and networks of this host."))
            {
                return 0;
            }

            using DaemonClient client = session.Open(parsed);
            DownResponse response = await client.Daemon.DownAsync(new DownRequest { Uninstall = uninstalls }, DaemonClient.Within(cancellationToken));
            await session.Output.WriteLineAsync($"{response.Sandboxes} sandboxes and {response.Networks} networks removed");
            foreach (string setting in response.Settings)
            {
                await session.Output.WriteLineAsync(setting);
            }

            return 0;
        });
        return command;
    }
}
