// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Interop;

/// <summary>The native libraries that are called, in one place.</summary>
internal static class LibraryNames
{
    internal const string Libc = "libc";
    internal const string Nftables = "libnftables.so.1";
}
