// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>Calls of libc for sockets that only hold a port (sys/socket.h, netinet/in.h).</summary>
internal static partial class Libc
{
    internal const int SO_REUSEADDR = 2;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int IPPROTO_IPV6 = 41;
    internal const int IPV6_V6ONLY = 26;

    internal const int F_DUPFD_CLOEXEC = 1030; // fcntl.h

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int fcntl(SafeHandle fd, int cmd, int arg);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int bind(SafeHandle sockfd, ReadOnlySpan<byte> addr, int addrlen);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int getsockname(SafeHandle sockfd, Span<byte> addr, ref int addrlen);
}
