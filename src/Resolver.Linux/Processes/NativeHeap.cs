// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Interop;

namespace Resolver.Linux.Processes;

/// <summary>The memory that native libraries take in this process.</summary>
public static class NativeHeap
{
    private const int ArenaMax = -8; // M_ARENA_MAX of malloc.h

    /// <summary>
    /// Lets threads share arenas instead of giving each one of its own, up to eight per core: a process whose threads come and go keeps what the
    /// busiest of each has ever needed. Does nothing where the C library knows no arenas (musl).
    /// </summary>
    /// <param name="count">How many there may be, 1 and up.</param>
    public static void LimitArenas(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        try
        {
            _ = Libc.mallopt(ArenaMax, count);
        }
        catch (EntryPointNotFoundException)
        {
            // musl: one heap for all threads, so there is nothing to limit.
        }
    }
}
