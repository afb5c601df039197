// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Namespaces;

/// <summary>An open network namespace (namespaces(7)). Holding it keeps the namespace alive. Thread-safe.</summary>
public sealed class NetworkNamespace : IDisposable
{
    /// <summary>Opens the namespace behind a file such as /run/netns/web or /proc/1234/ns/net.</summary>
    /// <exception cref="KernelException">No such file (ENOENT), not readable, or no network namespace (EINVAL, with the reason as ext-ack text).</exception>
    public static NetworkNamespace Open(string path) => throw new NotImplementedException();

    /// <summary>Opens the namespace of the calling thread.</summary>
    public static NetworkNamespace OpenCurrent() => throw new NotImplementedException();

    /// <summary>Makes a fresh namespace that lives as long as this handle, a pin or a process in it. Its loopback link is down.</summary>
    public static NetworkNamespace Create() => throw new NotImplementedException();

    /// <summary>Device of the nsfs inode (st_dev).</summary>
    public ulong Device => throw new NotImplementedException();

    /// <summary>Inode of the nsfs inode (st_ino); with <see cref="Device"/> it identifies a living namespace.</summary>
    public ulong Inode => throw new NotImplementedException();

    /// <summary>Bind-mounts the namespace on a new file, as `ip netns add` does, so that it outlives its processes and `ip netns exec` finds it.</summary>
    /// <param name="path">A file that does not exist; its directory must. When the mount fails the file is removed again.</param>
    public void Pin(string path) => throw new NotImplementedException();

    /// <summary>Undoes <see cref="Pin"/>: unmounts (lazily) and removes the file. A file that is gone already is no error.</summary>
    public static void Unpin(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
