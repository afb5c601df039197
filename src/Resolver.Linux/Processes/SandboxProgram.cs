// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Processes;

/// <summary>A program to run in place of the calling process, inside a namespace.</summary>
/// <param name="NetnsPath">The namespace to enter.</param>
/// <param name="BindMounts">Files to bind-mount over others (source, target) in a private mount namespace.</param>
/// <param name="Arguments">argv; the first is looked up in PATH like a shell does.</param>
/// <param name="Hostname">UTS host name to set in a UTS namespace of its own; null to keep the host's.</param>
public sealed record SandboxProgram(
    string NetnsPath, IReadOnlyList<(string Source, string Target)> BindMounts, IReadOnlyList<string> Arguments, string? Hostname = null)
{
    /// <summary>
    /// Enters the namespaces and replaces this process (execve): the pid stays, so signals and the exit status are the program's own.
    /// Ignored signals and the signal mask are reset first, because .NET ignores SIGPIPE.
    /// </summary>
    /// <exception cref="KernelException">A step was refused; ENOENT with operation execve when the program is not found. Does not return on success.</exception>
    public void Execute() => throw new NotImplementedException();
}
