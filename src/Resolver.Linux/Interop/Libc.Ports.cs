// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>
/// Calls of libc for the sockets of published ports (sys/socket.h, netinet/in.h). They take numbers, since thousands of such sockets have one owner.
/// </summary>
internal static partial class Libc
{
    internal const int SO_REUSEADDR = 2;
    internal const int SO_REUSEPORT = 15;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SHUT_RD = 0;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IPV6_V6ONLY = 26;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int bind(int sockfd, ReadOnlySpan<byte> addr, int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int getsockname(int sockfd, Span<byte> addr, ref int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int setsockopt(int sockfd, int level, int optname, in int optval, int optlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int getsockopt(int sockfd, int level, int optname, out int optval, ref int optlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int listen(int sockfd, int backlog);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int shutdown(int sockfd, int how);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int accept4(int sockfd, Span<byte> addr, ref int addrlen, int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint recvfrom(int sockfd, Span<byte> buf, nint len, int flags, Span<byte> addr, ref int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint sendto(int sockfd, ReadOnlySpan<byte> buf, nint len, int flags, ReadOnlySpan<byte> addr, int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int epoll_ctl(SafeHandle epfd, int op, int fd, ReadOnlySpan<byte> ev);
}
