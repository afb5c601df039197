// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;

namespace Resolver.Cli.Commands;

/// <summary>resolver completion.</summary>
internal static class Completion
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Command bash = new ExampleCommand("bash", "Print the completion script for bash")
        {
            Examples = ["source <(resolver completion bash)"],
        };
        bash.SetAction(parsed =>
        {
            session.Output.WriteLine("_resolver() {");
            session.Output.WriteLine("  local words=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" choices=\"\"");
            session.Output.WriteLine("  case \"$words\" in");
            // Longer paths first: the first pattern that matches wins.
            foreach ((string path, string choices) in Lines(parsed.RootCommandResult.Command, "").OrderByDescending(line => line.Path.Length))
            {
                session.Output.WriteLine($"    \"{path}\"*) choices=\"{choices}\" ;;");
            }

            session.Output.WriteLine("  esac");
            session.Output.WriteLine("  mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"${COMP_WORDS[COMP_CWORD]}\")");
            session.Output.WriteLine("}");
            session.Output.WriteLine("complete -o default -F _resolver resolver");
        });
        return new ExampleCommand("completion", "Print a completion script for a shell") { bash };
    }

    private static IEnumerable<(string Path, string Choices)> Lines(Command command, string path)
    {
        yield return (path, string.Join(' ', command.Subcommands.Select(child => child.Name).Concat(command.Options.Select(option => option.Name))));
        foreach (Command child in command.Subcommands)
        {
            foreach ((string Path, string Choices) line in Lines(child, path.Length == 0 ? child.Name : $"{path} {child.Name}"))
            {
                yield return line;
            }
        }
    }
}
