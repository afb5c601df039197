// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;

namespace Resolver.Cli.Commands;

/// <summary>resolver version.</summary>
internal static class Version
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Command command = new ExampleCommand("version", "Show this command's version; status shows the daemon's");
        command.SetAction(_ => session.Output.WriteLine($"resolver {typeof(Version).Assembly.GetName().Version?.ToString(3)}"));
        return command;
    }
}
