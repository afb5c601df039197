// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>statx(2): the one stat whose layout is the same on every architecture (linux/stat.h).</summary>
internal static partial class Libc
{
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_INO = 0x100;
    private const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;

    [LibraryImport(LibraryNames.Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeHandle dirfd, string pathname, int flags, uint mask, out Statx statxbuf);

    /// <summary>Device and inode of an open file.</summary>
    internal static (ulong Device, ulong Inode) Identify(SafeHandle handle, string path)
    {
        if (statx(handle, string.Empty, AT_EMPTY_PATH, STATX_INO, out Statx buffer) != 0)
        {
            throw new KernelException("statx", path, LastErrno);
        }

        return (((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor, buffer.Inode);
    }

    /// <summary>True if the open directory is the root of a mount.</summary>
    internal static bool IsMountPoint(SafeHandle directory, string path)
    {
        return statx(directory, string.Empty, AT_EMPTY_PATH, 0, out Statx buffer) == 0
            ? (buffer.Attributes & STATX_ATTR_MOUNT_ROOT) != 0
            : throw new KernelException("statx", path, LastErrno);
    }

    // struct statx: 256 octets; only what is read is named.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(8)]
        internal ulong Attributes;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(136)]
        internal uint DeviceMajor;

        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}
