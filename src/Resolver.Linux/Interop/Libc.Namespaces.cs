// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Resolver.Linux.Interop;

/// <summary>Calls of libc about namespaces and mounts (sched.h, sys/mount.h, linux/nsfs.h).</summary>
internal static partial class Libc
{
    internal const int CLONE_NEWNS = 0x00020000;
    internal const int CLONE_NEWUTS = 0x04000000;
    internal const int CLONE_NEWNET = 0x40000000;

    internal const ulong MS_BIND = 4096;
    internal const ulong MS_REC = 16384;
    internal const ulong MS_SLAVE = 1 << 19;
    internal const ulong MS_SHARED = 1 << 20;
    internal const int MNT_DETACH = 2;

    /// <summary>_IO(0xb7, 0x3): the CLONE_NEW* flag of an nsfs file (linux/nsfs.h).</summary>
    internal const ulong NS_GET_NSTYPE = 0xb703;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int setns(SafeHandle fd, int nstype);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int unshare(int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int ioctl(SafeHandle fd, ulong request);

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mount(string source, string target, string? filesystemtype, ulong mountflags, nint data);

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int umount2(string target, int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string pathname, int flags, uint mode);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int close(int fd);

    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_CLOEXEC = 0x80000;

    /// <summary>The error of the last call on this thread.</summary>
    internal static Errno LastErrno => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Opens a file and owns it.</summary>
    internal static SafeFileHandle Open(string path, int flags, uint mode = 0)
    {
        int fd = open(path, flags | O_CLOEXEC, mode);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new KernelException("open", path, LastErrno);
    }
}
