// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Processes;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Resolver.Linux.Tests;

/// <summary>The tests; or, for <see cref="SandboxProgramTests"/>, a process that becomes a program in a sandbox.</summary>
internal static class Program
{
    /// <summary>
    /// First argument of such a process; then the namespace, the host name or "", the bind mounts as source:target, "--" and argv.
    /// </summary>
    internal const string SandboxMode = "--become-sandbox-program";

    /// <summary>Exit status when the program could not be executed.</summary>
    internal const int NotExecuted = 125;

    private static async Task<int> Main(string[] args)
    {
        if (args is [SandboxMode, string netnsPath, string hostname, .. string[] rest])
        {
            return Become(netnsPath, hostname.Length == 0 ? null : hostname, rest);
        }

        // As in the entry point that xunit generates.
        return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }

    private static int Become(string netnsPath, string? hostname, string[] rest)
    {
        int end = Array.IndexOf(rest, "--");
        (string, string)[] mounts = [.. rest[..end].Select(mount => mount.Split(':')).Select(parts => (parts[0], parts[1]))];
        try
        {
            new SandboxProgram(netnsPath, mounts, rest[(end + 1)..], hostname).Execute();
        }
        catch (KernelException e)
        {
            Console.Error.WriteLine(e.Message);
        }

        return NotExecuted;
    }
}
