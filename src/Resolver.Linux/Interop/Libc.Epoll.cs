// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Resolver.Linux.Interop;

/// <summary>epoll(7) and eventfd(2) (sys/epoll.h, sys/eventfd.h).</summary>
internal static partial class Libc
{
    internal const uint EPOLLIN = 0x001;
    internal const uint EPOLLONESHOT = 1u << 30;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;

    private const int EPOLL_CLOEXEC = 0x80000;
    private const int EFD_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    private static partial int eventfd(uint initval, int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int epoll_ctl(SafeHandle epfd, int op, SafeHandle fd, ReadOnlySpan<byte> ev);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int epoll_wait(SafeHandle epfd, Span<byte> events, int maxevents, int timeout);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint read(SafeHandle fd, Span<byte> buf, nint count);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint write(SafeHandle fd, ReadOnlySpan<byte> buf, nint count);

    internal static SafeFileHandle OpenEpoll()
    {
        int fd = epoll_create1(EPOLL_CLOEXEC);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new KernelException("epoll_create1", "epoll", LastErrno);
    }

    internal static SafeFileHandle OpenEventFd()
    {
        int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new KernelException("eventfd", "eventfd", LastErrno);
    }

    /// <summary>
    /// struct epoll_event, which is packed on x86-64 and nowhere else:
    /// <code>
    /// x86-64:  events u32 | data u64            12 octets
    /// others:  events u32 | pad u32 | data u64  16 octets
    /// </code>
    /// </summary>
    internal static class EpollEvent
    {
        internal const int MaxLengthBytes = 16;

        internal static readonly int LengthBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

        private static readonly int DataOffset = LengthBytes - 8;

        internal static void Write(Span<byte> buffer, uint events, ulong data)
        {
            buffer[..LengthBytes].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(buffer, events);
            BinaryPrimitives.WriteUInt64LittleEndian(buffer[DataOffset..], data);
        }

        internal static ulong DataOf(ReadOnlySpan<byte> events, int index) =>
            BinaryPrimitives.ReadUInt64LittleEndian(events[((index * LengthBytes) + DataOffset)..]);
    }
}
