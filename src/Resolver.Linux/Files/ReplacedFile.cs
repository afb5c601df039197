// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Files;

/// <summary>A small file that is written anew in place: the same inode, which others may have bind-mounted.</summary>
public static class ReplacedFile
{
    /// <summary>Writes a file's whole content; makes the file if there is none.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="octets">What it holds afterwards.</param>
    /// <param name="mode">Permissions of a new file, less the umask's.</param>
    /// <exception cref="KernelException">ELOOP for a symbolic link, which is followed by nobody here; EACCES, EROFS, ENOSPC.</exception>
    public static void Write(string path, ReadOnlySpan<byte> octets, UnixFileMode mode)
    {
        using SafeFileHandle handle = Libc.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW, (uint)mode);
        long length = octets.Length;
        while (!octets.IsEmpty)
        {
            nint written = Libc.write(handle, octets, octets.Length);
            if (written < 0)
            {
                if (Libc.LastErrno is Errno.EINTR)
                {
                    continue;
                }

                throw new KernelException("write", path, Libc.LastErrno);
            }

            octets = octets[(int)written..];
        }

        if (Libc.ftruncate(handle, length) != 0)
        {
            throw new KernelException("ftruncate", path, Libc.LastErrno);
        }
    }
}
