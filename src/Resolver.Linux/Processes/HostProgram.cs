// SPDX-License-Identifier: Apache-2.0

using System.ComponentModel;
using System.Diagnostics;

namespace Resolver.Linux.Processes;

/// <summary>
/// Runs a program of the host to its end, in the calling thread's namespace. Only for what belongs to another program and is understood by its
/// own tool alone; never on the way of a packet or of a question.
/// </summary>
public static class HostProgram
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Runs it without input, and waits.</summary>
    /// <param name="name">Its name, looked for in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The exit status, and what it wrote to standard output and standard error.</returns>
    /// <exception cref="KernelException">ENOENT: it is not installed, or can't be started. ETIMEDOUT: it did not end and was ended.</exception>
    public static (int Status, string Output, string Error) Run(string name, params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start) ?? throw new KernelException("start", name, Errno.ENOENT);
            process.StandardInput.Close();
            using CancellationTokenSource late = new(Deadline);
            using CancellationTokenRegistration end = late.Token.Register(() => process.Kill());

            // Short enough for the pipe's buffer, so that it does not matter which is read first.
            string output = process.StandardOutput.ReadToEnd();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return late.IsCancellationRequested
                ? throw new KernelException("run", name, Errno.ETIMEDOUT, $"it did not end within {Deadline.TotalSeconds} s")
                : (process.ExitCode, output, error.Trim());
        }
        catch (Win32Exception e)
        {
            throw new KernelException("start", name, Errno.ENOENT, e.Message);
        }
    }
}
