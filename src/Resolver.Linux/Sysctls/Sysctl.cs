// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Sysctls;

/// <summary>Kernel parameters under /proc/sys. Keys of net.* are those of the calling thread's namespace.</summary>
public static class Sysctl
{
    /// <summary>Reads a parameter such as <c>net.ipv4.ip_forward</c> ('/' instead of '.' where a link's name has dots); null if it does not exist.</summary>
    /// <exception cref="KernelException">It exists and can't be read.</exception>
    public static string? Read(string key)
    {
        try
        {
            return File.ReadAllText(PathOf(key)).TrimEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException("read sysctl", key, e is UnauthorizedAccessException ? Errno.EACCES : Errno.EIO, e.Message);
        }
    }

    /// <summary>Writes a parameter unless it has the value already (so a read-only /proc/sys with the right value is no failure).</summary>
    /// <returns>True if it was changed.</returns>
    /// <exception cref="KernelException">It does not exist or can't be written.</exception>
    public static bool Write(string key, string value)
    {
        string? before = Read(key);
        if (before == value)
        {
            return false;
        }

        if (before is null)
        {
            throw new KernelException("write sysctl", key, Errno.ENOENT, "this kernel has no such parameter");
        }

        try
        {
            File.WriteAllText(PathOf(key), value);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException("write sysctl", $"{key} = {value}", ErrnoOf(e), e.Message);
        }
    }

    // EINVAL says that the value is wrong, EROFS that nothing can be written here: the runtime keeps the number in HResult.
    private static Errno ErrnoOf(Exception e) =>
        e is UnauthorizedAccessException ? Errno.EACCES : e.HResult is > 0 and < 4096 ? (Errno)e.HResult : Errno.EIO;

    // sysctl(8): with a '/' in the key, '/' separates and '.' belongs to the names.
    private static string PathOf(string key) =>
        "/proc/sys/" + (key.Contains('/', StringComparison.Ordinal) ? key : key.Replace('.', '/'));
}
