// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>Datagrams in batches (sys/socket.h, recvmmsg(2), sendmmsg(2)).</summary>
internal static unsafe partial class Libc
{
    internal const ushort AF_INET = 2;
    internal const ushort AF_INET6 = 10;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int SO_RCVBUFFORCE = 33;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int recvmmsg(SafeHandle sockfd, MMsgHdr* msgvec, uint vlen, int flags, nint timeout);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int sendmmsg(SafeHandle sockfd, MMsgHdr* msgvec, uint vlen, int flags);

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial nint sendto(SafeHandle sockfd, ReadOnlySpan<byte> buf, nint len, int flags, ReadOnlySpan<byte> addr, int addrlen);

    // struct iovec
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVec
    {
        internal byte* Base;
        internal nuint Length;
    }

    // struct msghdr on 64-bit Linux; musl's narrower lengths read the same on little-endian machines.
    [StructLayout(LayoutKind.Sequential)]
    internal struct MsgHdr
    {
        internal byte* Name;
        internal uint NameLength;
        internal IoVec* IoVec;
        internal nuint IoVecCount;
        internal byte* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    // struct mmsghdr
    [StructLayout(LayoutKind.Sequential)]
    internal struct MMsgHdr
    {
        internal MsgHdr Header;
        internal uint Length;
    }
}
