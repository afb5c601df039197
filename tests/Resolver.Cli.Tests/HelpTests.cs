// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;
using Resolver.Cli.Commands;
using Xunit;

namespace Resolver.Cli.Tests;

public sealed class HelpTests
{
    [Fact]
    public async Task The_help_of_every_command_equals_the_document()
    {
        string path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../docs/cli.md"));
        StringBuilder text = new("# The resolver command\n\nWhat `--help` prints. Rewritten by `UPDATE_GOLDEN=1` and the tests of the command line.\n");
        foreach (string command in Paths(CommandTree.Create(new Session(TextWriter.Null, null)), ""))
        {
            text.Append($"\n## resolver{command}\n\n```text\n{await HelpAsync(command)}\n```\n");
        }

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, text.ToString(), TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), text.ToString());
    }

    [Fact]
    public void Every_command_option_and_argument_says_what_it_is()
    {
        foreach (Command command in Commands(CommandTree.Create(new Session(TextWriter.Null, null))))
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{command.Name} {option.Name}"));
            Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), $"{command.Name} {argument.Name}"));
        }
    }

    private static async Task<string> HelpAsync(string command)
    {
        using StringWriter output = new();
        int exitCode = await CommandLine.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"], output, TextWriter.Null);
        Assert.Equal(0, exitCode);
        return string.Join('\n', output.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    private static IEnumerable<Command> Commands(Command command) => [command, .. command.Subcommands.SelectMany(Commands)];

    private static IEnumerable<string> Paths(Command command, string path) =>
        [path, .. command.Subcommands.SelectMany(child => Paths(child, $"{path} {child.Name}"))];

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
