// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Processes;

/// <summary>A process held by pidfd (pidfd_open(2)): can't be mistaken for a later one with the same number. Thread-safe.</summary>
public sealed class ProcessHandle : IDisposable
{
    /// <summary>Opens a living process.</summary>
    /// <exception cref="KernelException">ESRCH if there is none.</exception>
    public static ProcessHandle Open(int pid) => throw new NotImplementedException();

    /// <summary>Field 22 of /proc/PID/stat: when it started, in clock ticks since boot.</summary>
    public ulong StartTimeTicks => throw new NotImplementedException();

    /// <summary>True once it has ended (zombies count as ended).</summary>
    public bool HasEnded => throw new NotImplementedException();

    /// <summary>Completes when it has ended. All waits of the process share one epoll thread.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
