// SPDX-License-Identifier: Apache-2.0

using Resolver.Contract.V1;
using Resolver.Linux.Processes;

namespace Resolver.Cli.Commands;

/// <summary>Turns this process into a program inside a sandbox.</summary>
internal static class SandboxEntry
{
    /// <summary>Enters the sandbox, with its resolv.conf and hosts in place, and executes the program. Returns only by exception.</summary>
    /// <exception cref="Linux.KernelException">A step was refused, or the program is not there.</exception>
    public static void Execute(Sandbox sandbox, IReadOnlyList<string> program)
    {
        (string, string)[] files =
        [
            (Path.Combine(sandbox.FilesDirectory, "resolv.conf"), "/etc/resolv.conf"),
            (Path.Combine(sandbox.FilesDirectory, "hosts"), "/etc/hosts"),
        ];
        new SandboxProgram(sandbox.NetnsPath, files, program, sandbox.Hostname).Execute();
    }
}
