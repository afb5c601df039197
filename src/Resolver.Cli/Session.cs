// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;

namespace Resolver.Cli;

/// <summary>What the commands of one invocation share.</summary>
/// <param name="output">Where results go.</param>
/// <param name="program">What followed "--"; null when there was none.</param>
internal sealed class Session(TextWriter output, IReadOnlyList<string>? program)
{
    private const string SocketVariable = "RESOLVER_SOCKET";

    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>The program of run and exec.</summary>
    public IReadOnlyList<string> Program => program ?? [];

    /// <summary>--socket, taken by every command.</summary>
    public Option<string?> Socket { get; } = new("--socket")
    {
        HelpName = "PATH",
        Description = $"The daemon's socket (default: RESOLVER_SOCKET, else {DaemonClient.DefaultSocket})",
        Recursive = true,
    };

    /// <summary>The socket in effect.</summary>
    public string SocketPath(ParseResult parsed) =>
        parsed.GetValue(Socket) ?? (Environment.GetEnvironmentVariable(SocketVariable) is { Length: > 0 } path ? path : DaemonClient.DefaultSocket);

    /// <summary>A client of the daemon.</summary>
    public DaemonClient Open(ParseResult parsed) => new(SocketPath(parsed));
}
