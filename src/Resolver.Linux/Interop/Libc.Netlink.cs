// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Resolver.Linux.Interop;

/// <summary>Calls of libc for netlink sockets (sys/socket.h, linux/netlink.h).</summary>
internal static partial class Libc
{
    internal const int AF_NETLINK = 16;
    internal const ushort AF_PACKET = 17;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int NETLINK_ROUTE = 0;
    internal const int NETLINK_NETFILTER = 12;

    internal const int SOL_SOCKET = 1;
    internal const int SO_RCVTIMEO = 20;
    internal const int SO_SNDTIMEO = 21;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_MARK = 36;
    internal const int SOL_NETLINK = 270;
    internal const int NETLINK_CAP_ACK = 10;
    internal const int NETLINK_EXT_ACK = 11;
    internal const int NETLINK_GET_STRICT_CHK = 12;

    internal const int MSG_TRUNC = 0x20;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int getsockname(SafeHandle sockfd, Span<byte> addr, ref int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int bind(SafeHandle sockfd, in SockaddrNl addr, int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int setsockopt(SafeHandle sockfd, int level, int optname, in int optval, int optlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int setsockopt(SafeHandle sockfd, int level, int optname, in Timeval optval, int optlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint sendto(SafeHandle sockfd, ReadOnlySpan<byte> buf, nint len, int flags, in SockaddrNl addr, int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint recvfrom(SafeHandle sockfd, Span<byte> buf, nint len, int flags, out SockaddrNl addr, ref int addrlen);

    /// <summary>Opens a socket and owns it.</summary>
    internal static SafeFileHandle OpenSocket(int domain, int type, int protocol)
    {
        int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new KernelException("socket", $"family {domain}", LastErrno);
    }

    // struct sockaddr_nl
    [StructLayout(LayoutKind.Sequential)]
    internal struct SockaddrNl
    {
        internal const int LengthBytes = 12;

        internal ushort Family;
        internal ushort Padding;
        internal uint PortId;
        internal uint Groups;
    }

    // struct timeval on 64-bit Linux
    [StructLayout(LayoutKind.Sequential)]
    internal struct Timeval
    {
        internal long Seconds;
        internal long Microseconds;
    }
}
