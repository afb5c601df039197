// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Linux;
using Resolver.Linux.Namespaces;

namespace Resolver.Control.Sandboxes;

/// <summary>The files that keep our namespaces alive and lead to others.</summary>
internal static class NetnsPins
{
    internal static NetnsIdentity IdentityOf(NetworkNamespace netns) => new(netns.Device, netns.Inode);

    /// <summary>Opens a sandbox's namespace if its path still leads to the one that it was; null if that is gone.</summary>
    internal static NetworkNamespace? TryOpen(Sandbox sandbox)
    {
        NetworkNamespace netns;
        try
        {
            netns = NetworkNamespace.Open(sandbox.NetnsPath);
        }
        catch (KernelException e) when (e.Errno is Errno.ENOENT or Errno.ESRCH or Errno.EINVAL or Errno.ENOTDIR)
        {
            // EINVAL: the mount is gone and `ip netns` left its empty file.
            return null;
        }

        if (IdentityOf(netns) == sandbox.Netns)
        {
            return netns;
        }

        netns.Dispose();
        return null;
    }

    /// <summary>True if the sandbox's path still leads to its namespace.</summary>
    internal static bool IsThere(Sandbox sandbox)
    {
        using NetworkNamespace? netns = TryOpen(sandbox);
        return netns is not null;
    }

    /// <summary>Pins a fresh namespace where `ip netns` finds it.</summary>
    /// <exception cref="RefusedException">AlreadyExists: somebody else has that name there.</exception>
    internal static void Pin(Sandbox sandbox, NetworkNamespace netns)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(sandbox.NetnsPath)!);
        try
        {
            netns.Pin(sandbox.NetnsPath);
        }
        catch (KernelException e) when (e.Errno is Errno.EEXIST)
        {
            throw new RefusedException(
                FailureReason.AlreadyExists,
                sandbox.NetnsPath,
                $"create sandbox {sandbox.Name}: {sandbox.NetnsPath} exists and is not ours; choose another name, or 'ip netns del {sandbox.Name}' first",
                e);
        }
    }

    /// <summary>Removes the pin, unless the path leads to another namespace by now.</summary>
    internal static void Unpin(Sandbox sandbox)
    {
        if (IsThere(sandbox))
        {
            NetworkNamespace.Unpin(sandbox.NetnsPath);
        }
    }
}
