// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>Settings of glibc's malloc (malloc.h, mallopt(3)).</summary>
internal static partial class Libc
{
    [LibraryImport(LibraryNames.Libc)]
    internal static partial int mallopt(int param, int value);
}
