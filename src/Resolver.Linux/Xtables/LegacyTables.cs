// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Xtables;

/// <summary>
/// The tables of iptables-legacy(8) in the calling thread's network namespace. Nftables does not show them, and nothing tells when they change; the
/// kernel says which there are, which costs one read. Asking iptables-legacy(8) itself makes a table that is not there.
/// </summary>
public static class LegacyTables
{
    /// <summary>True if packets of IPv4 or IPv6 pass a table, such as <c>filter</c>.</summary>
    /// <exception cref="KernelException">The kernel has such tables and does not say which.</exception>
    public static bool IsInUse(string table, bool isIPv6)
    {
        string path = isIPv6 ? "/proc/thread-self/net/ip6_tables_names" : "/proc/thread-self/net/ip_tables_names";
        try
        {
            return File.ReadLines(path).Contains(table);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false; // A kernel without them.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException("read tables", path, e is UnauthorizedAccessException ? Errno.EACCES : Errno.EIO, e.Message);
        }
    }
}
