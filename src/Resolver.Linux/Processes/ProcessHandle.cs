// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Processes;

/// <summary>A process held by pidfd (pidfd_open(2)): can't be mistaken for a later one with the same number. Thread-safe.</summary>
public sealed class ProcessHandle : IDisposable
{
    private readonly SafeFileHandle _pidfd;

    private ProcessHandle(SafeFileHandle pidfd, ulong startTimeTicks)
    {
        _pidfd = pidfd;
        StartTimeTicks = startTimeTicks;
    }

    /// <summary>Field 22 of /proc/PID/stat: when it started, in clock ticks since boot.</summary>
    public ulong StartTimeTicks { get; }

    /// <summary>True once it has ended (zombies count as ended).</summary>
    public bool HasEnded => Libc.IsReadable(_pidfd);

    /// <summary>Opens a living process.</summary>
    /// <exception cref="KernelException">ESRCH if there is none.</exception>
    public static ProcessHandle Open(int pid)
    {
        if (pid <= 0)
        {
            throw new KernelException("pidfd_open", $"process {pid}", Errno.ESRCH, "process ids start at 1");
        }

        SafeFileHandle pidfd = Libc.PidfdOpen(pid);
        try
        {
            ulong startTime = ReadStartTime(pid);

            // Only now is it certain that what was read belongs to the process that the pidfd holds.
            return Libc.IsReadable(pidfd)
                ? throw new KernelException("pidfd_open", $"process {pid}", Errno.ESRCH, "it has ended")
                : new ProcessHandle(pidfd, startTime);
        }
        catch
        {
            pidfd.Dispose();
            throw;
        }
    }

    /// <summary>Completes when it has ended. All waits of the process share one epoll thread.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => ReadinessThread.Shared.WaitReadableAsync(_pidfd, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _pidfd.Dispose();

    private static ulong ReadStartTime(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        }
        catch (IOException e)
        {
            throw new KernelException("read", $"/proc/{pid}/stat", Errno.ESRCH, e.Message);
        }

        // The command name (field 2) may hold spaces and parentheses, so fields are counted from its last ')': field 3 comes next.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return ulong.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
    }
}
