// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Sysctls;

/// <summary>Kernel parameters under /proc/sys. Keys of net.* are those of the calling thread's namespace.</summary>
public static class Sysctl
{
    /// <summary>Reads a parameter such as <c>net.ipv4.ip_forward</c> ('/' instead of '.' where a link's name has dots); null if it does not exist.</summary>
    public static string? Read(string key) => throw new NotImplementedException();

    /// <summary>Writes a parameter unless it has the value already (so a read-only /proc/sys with the right value is no failure).</summary>
    /// <returns>True if it was changed.</returns>
    /// <exception cref="KernelException">It does not exist or can't be written.</exception>
    public static bool Write(string key, string value) => throw new NotImplementedException();
}
