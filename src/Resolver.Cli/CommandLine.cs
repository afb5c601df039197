// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Grpc.Core;
using Resolver.Cli.Commands;
using Resolver.Cli.Connection;
using Resolver.Linux;

namespace Resolver.Cli;

/// <summary>From the arguments to the exit status.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command. Prints its failure as one line on <paramref name="error"/>.</summary>
    /// <returns>0 done, 1 failed, 2 wrong use; for run and exec what <see cref="Failure"/> says.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        (string[] own, string[]? program) = Split(arguments);
        Session session = new(output, program);
        ParseResult parsed = Parse(session, own);
        string called = Name(parsed);
        bool startsProgram = called is "resolver run" or "resolver exec";
        if (parsed.Action is not CommandHelp)
        {
            string? problem = parsed.Errors.Count > 0 ? ParseProblem.Of(parsed.Errors[0].Message) : ProgramProblem(program, startsProgram);
            if (problem is not null)
            {
                return Misused(error, called, problem);
            }
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (UsageException e)
        {
            return Misused(error, called, e.Message);
        }
        catch (RpcException e)
        {
            return Failed(error, Failure.Of(e, session.SocketPath(parsed), startsProgram));
        }
        catch (KernelException e)
        {
            return Failed(error, Failure.Of(e));
        }
    }

    /// <summary>Reads the arguments in front of "--".</summary>
    public static ParseResult Parse(Session session, IReadOnlyList<string> arguments) =>
        // No response files: a name may start with '@' for all we know.
        CommandTree.Create(session).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    // What follows "--" belongs to the program that is started, whatever it looks like.
    private static (string[] Own, string[]? Program) Split(string[] arguments)
    {
        int separator = Array.IndexOf(arguments, "--");
        return separator < 0 ? (arguments, null) : (arguments[..separator], arguments[(separator + 1)..]);
    }

    private static string? ProgramProblem(string[]? program, bool startsProgram) => (startsProgram, program) switch
    {
        (true, null or []) => "the command to start is missing: put it behind '--'",
        (false, not null) => "'--' has no meaning here",
        _ => null,
    };

    private static string Name(ParseResult parsed)
    {
        Stack<string> names = new();
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult; result is System.CommandLine.Parsing.CommandResult command; result = command.Parent)
        {
            names.Push(command.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static int Misused(TextWriter error, string called, string problem)
    {
        error.WriteLine($"resolver: {problem.ReplaceLineEndings(" ")}; see {called} --help");
        return Failure.UsageExitCode;
    }

    private static int Failed(TextWriter error, Failure failure)
    {
        error.WriteLine($"resolver: {failure.Message}");
        return failure.ExitCode;
    }
}
