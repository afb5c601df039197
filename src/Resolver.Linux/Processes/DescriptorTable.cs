// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Processes;

/// <summary>
/// The process's table of descriptors. The kernel doubles it when it is full, and in a process with threads that takes 8 to 16 ms each time (it waits
/// until no thread reads the old one), in which nobody gets a descriptor.
/// </summary>
public static class DescriptorTable
{
    private const int F_DUPFD_CLOEXEC = 1030; // fcntl.h

    /// <summary>Makes room once for so many; with a lower RLIMIT_NOFILE it stays as it is.</summary>
    public static void MakeRoom(int descriptors)
    {
        using SafeFileHandle any = Libc.OpenEventFd();
        int last = Libc.fcntl(any, F_DUPFD_CLOEXEC, descriptors - 1);
        if (last >= 0)
        {
            _ = Libc.close(last);
        }
    }
}
