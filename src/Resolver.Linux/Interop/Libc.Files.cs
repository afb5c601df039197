// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>Calls of libc about the content of files (unistd.h).</summary>
internal static partial class Libc
{
    internal const int O_NOFOLLOW = 0x20000;

    [LibraryImport(LibraryNames.Libc, SetLastError = true)]
    internal static partial int ftruncate(SafeHandle fd, long length);
}
