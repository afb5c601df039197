// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Networking.Sandboxes;

/// <summary>
/// The files of a sandbox: resolv.conf and hosts under /etc/netns/NAME, where `ip netns exec` finds them, and what `resolver run` and
/// `exec` bind over /etc. Replaced in place (same inode), because running processes hold bind mounts of them.
/// </summary>
public static class SandboxFiles
{
    /// <summary>The text of resolv.conf: nameserver 127.0.0.11, the search list, options ndots:0.</summary>
    public static string ResolvConf(IEnumerable<DnsName> search) => throw new NotImplementedException();

    /// <summary>The text of hosts: localhost for both families, and the sandbox's own addresses with its host name and name.</summary>
    public static string Hosts(Sandbox sandbox, IEnumerable<IPAddress> addresses) => throw new NotImplementedException();

    /// <summary>Writes both files below <paramref name="directory"/> (made if missing, mode 0755; the files 0644).</summary>
    /// <exception cref="Linux.KernelException">A file can't be written.</exception>
    public static void Write(string directory, string resolvConf, string hosts) => throw new NotImplementedException();

    /// <summary>Removes the files, and the directory if it is empty then. What is gone already is no error.</summary>
    public static void Remove(string directory) => throw new NotImplementedException();
}
