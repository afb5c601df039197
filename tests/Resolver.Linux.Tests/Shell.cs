// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Resolver.Linux.Tests;

/// <summary>Runs the independent witnesses: ip, nft, nsenter.</summary>
internal static class Shell
{
    internal static (int ExitCode, string Output, string Error) Run(params string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // A runtime that another program takes the place of would leave the pipes of its debugger behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        string error = string.Empty;
        Thread drain = new(() => error = process.StandardError.ReadToEnd());
        drain.Start();
        string output = process.StandardOutput.ReadToEnd();
        drain.Join();
        process.WaitForExit();
        return (process.ExitCode, output.Trim(), error.Trim());
    }

    /// <summary>Output of a command that must succeed, run in a network namespace and in the mount namespace of the calling thread.</summary>
    internal static string In(Namespaces.NetworkNamespace netns, params string[] command)
    {
        (int exitCode, string output, string error) = Run(["nsenter", $"--net=/proc/{Environment.ProcessId}/fd/{netns.Handle.DangerousGetHandle()}", .. command]);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
    }
}
