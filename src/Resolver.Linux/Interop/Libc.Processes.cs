// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Resolver.Linux.Interop;

/// <summary>Processes and signals (unistd.h, signal.h, sys/syscall.h).</summary>
internal static partial class Libc
{
    // The number is the same on every architecture (pidfd_open(2)).
    private const nint SYS_pidfd_open = 434;


    // Below lie the descriptors of the .NET runtime, opened at start: its executable memory is mapped from one of them whenever code is compiled.

    private const int SIG_SETMASK = 2;
    internal const int LastSignal = 64;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int fcntl(SafeHandle fd, int cmd, int arg);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial int poll(ref PollFd fds, nuint nfds, int timeout);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint signal(int signum, nint handler);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial int pthread_sigmask(int how, ReadOnlySpan<byte> set, nint oldset);

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sethostname(string name, nint len);

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int execve(string pathname, [In] string?[] argv, [In] string?[] envp);

    internal static SafeFileHandle PidfdOpen(int pid)
    {
        nint fd = syscall(SYS_pidfd_open, pid, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new KernelException("pidfd_open", $"process {pid}", LastErrno);
    }

    /// <summary>True if the descriptor is readable now.</summary>
    internal static bool IsReadable(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        try
        {
            PollFd descriptor = new() { Descriptor = (int)handle.DangerousGetHandle(), Events = 1 };
            return poll(ref descriptor, 1, 0) > 0;
        }
        finally
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>Unblocks every signal of the calling thread; sigset_t is 128 octets in glibc and musl.</summary>
    internal static void UnblockAllSignals()
    {
        ReadOnlySpan<byte> none = stackalloc byte[128];
        _ = pthread_sigmask(SIG_SETMASK, none, 0);
    }

    // struct pollfd
    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        internal int Descriptor;
        internal short Events;
        internal short Received;
    }
}
