// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Grpc.Core;
using Resolver.Linux;

namespace Resolver.Cli.Connection;

/// <summary>What a failed command prints and how it exits.</summary>
/// <param name="Message">One line: what failed, why, what to do.</param>
/// <param name="ExitCode">As Docker's: 125 when a program could not be started for the daemon's sake, 126 not executable, 127 not found; else 1.</param>
internal sealed record Failure(string Message, int ExitCode)
{
    /// <summary>Wrong use of a command.</summary>
    public const int UsageExitCode = 2;

    private const int OrdinaryExitCode = 1;
    private const int NotStartedExitCode = 125;
    private const int NotExecutableExitCode = 126;
    private const int NotFoundExitCode = 127;

    /// <summary>The failure of a call.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="socket">Where the daemon should be.</param>
    /// <param name="startsProgram">True for run and exec.</param>
    public static Failure Of(RpcException failure, string socket, bool startsProgram) =>
        new(Text(failure, socket), startsProgram ? NotStartedExitCode : OrdinaryExitCode);

    /// <summary>The failure of a step that this process does itself.</summary>
    public static Failure Of(KernelException failure) => failure switch
    {
        { Operation: "execve", Errno: Errno.ENOENT } => new($"{failure.Subject}: command not found", NotFoundExitCode),
        { Operation: "execve", Errno: Errno.EACCES or Errno.EISDIR } => new($"{failure.Subject}: can't be executed ({failure.Errno})", NotExecutableExitCode),
        { Operation: "execve" } => new($"{failure.Subject}: can't be executed: {failure.Message}", NotExecutableExitCode),
        { Errno: Errno.EPERM } => new($"{failure.Message}: run this as root", NotStartedExitCode),
        _ => new(failure.Message, NotStartedExitCode),
    };

    private static string Text(RpcException failure, string socket) => failure.StatusCode switch
    {
        _ when ConnectError(failure) is { } error => error switch
        {
            SocketError.AccessDenied => $"the daemon's socket {socket} may not be opened by this user: run this as root, or as a member of the socket's group",
            _ => $"no daemon at {socket}: start resolverd, or name its socket with --socket or RESOLVER_SOCKET",
        },
        StatusCode.DeadlineExceeded => $"the daemon at {socket} did not answer within {DaemonClient.CallTimeout.TotalSeconds} s: its log says why; the change may still come about",
        StatusCode.Cancelled => "interrupted",
        StatusCode.Unimplemented => $"the daemon at {socket} does not know this call: it is older than this command",
        _ => failure.Status.Detail.ReplaceLineEndings(" "),
    };

    private static SocketError? ConnectError(RpcException failure)
    {
        for (Exception? cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socketException)
            {
                return socketException.SocketErrorCode;
            }
        }

        return null;
    }
}
