// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Namespaces;

/// <summary>An open network namespace (namespaces(7)). Holding it keeps the namespace alive. Thread-safe.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private const string OwnPath = "/proc/thread-self/ns/net";

    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
        (Device, Inode) = Libc.Identify(handle, path);
    }

    /// <summary>What it was opened by, for messages.</summary>
    public string Path { get; }

    /// <summary>Device of the nsfs inode (st_dev).</summary>
    public ulong Device { get; }

    /// <summary>Inode of the nsfs inode (st_ino); with <see cref="Device"/> it identifies a living namespace.</summary>
    public ulong Inode { get; }

    internal SafeFileHandle Handle => _handle;

    /// <summary>Opens the namespace behind a file such as /run/netns/web or /proc/1234/ns/net.</summary>
    /// <exception cref="KernelException">No such file (ENOENT), not readable, or no network namespace (EINVAL, with the reason as ext-ack text).</exception>
    public static NetworkNamespace Open(string path)
    {
        SafeFileHandle handle = Libc.Open(path, Libc.O_RDONLY);
        try
        {
            int kind = Libc.ioctl(handle, Libc.NS_GET_NSTYPE);
            if (kind != Libc.CLONE_NEWNET)
            {
                string what = kind < 0 ? "the file is no namespace" : "the namespace is of another kind";
                throw new KernelException("open", path, Errno.EINVAL, $"{what}; a network namespace is needed");
            }

            return new NetworkNamespace(handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens the namespace of the calling thread.</summary>
    public static NetworkNamespace OpenCurrent() => Open(OwnPath);

    /// <summary>Makes a fresh namespace that lives as long as this handle, a pin or a process in it. Its loopback link is down.</summary>
    /// <exception cref="KernelException">EPERM without CAP_SYS_ADMIN; ENOSPC above the limit in /proc/sys/user/max_net_namespaces.</exception>
    public static NetworkNamespace Create()
    {
        return NamespaceThread.RunOnOwnThread(() =>
        {
            return Libc.unshare(Libc.CLONE_NEWNET) == 0
                ? OpenCurrent()
                : throw new KernelException("unshare", "network namespace", Libc.LastErrno);
        });
    }

    /// <summary>Bind-mounts the namespace on a new file, as `ip netns add` does, so that it outlives its processes and `ip netns exec` finds it.</summary>
    /// <remarks>Mount namespaces that exist already see it, unless the directory is a mount point that its owner did not share.</remarks>
    /// <param name="path">A file that does not exist; its directory must. When the mount fails the file is removed again.</param>
    /// <exception cref="KernelException">EEXIST when the file is there already; EPERM without CAP_SYS_ADMIN.</exception>
    public void Pin(string path)
    {
        ShareMounts(System.IO.Path.GetDirectoryName(path) ?? "/");
        Libc.Open(path, Libc.O_RDONLY | Libc.O_CREAT | Libc.O_EXCL).Dispose();
        string source = $"/proc/self/fd/{_handle.DangerousGetHandle()}";
        if (Libc.mount(source, path, null, Libc.MS_BIND, 0) != 0)
        {
            Errno errno = Libc.LastErrno;
            File.Delete(path);
            throw new KernelException("mount", path, errno);
        }
    }

    /// <summary>Undoes <see cref="Pin"/>: unmounts (lazily) and removes the file. A file that is gone already is no error.</summary>
    /// <exception cref="KernelException">It can't be unmounted or removed.</exception>
    public static void Unpin(string path)
    {
        // EINVAL: the file is no mount point (any more); what counts is that it is gone afterwards.
        if (Libc.umount2(path, Libc.MNT_DETACH) != 0 && Libc.LastErrno is not (Errno.EINVAL or Errno.ENOENT))
        {
            throw new KernelException("umount2", path, Libc.LastErrno);
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KernelException("unlink", path, Errno.EIO, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // A pin should be seen in mount namespaces that exist already, so the directory becomes a shared mount of its own, as ip-netns(8)
    // does it. A mount point stays as its owner made it: sharing it would share all of /run or /tmp, and a bind on top of it would be one
    // more per pin.
    private static void ShareMounts(string directory)
    {
        using SafeFileHandle handle = Libc.Open(directory, Libc.O_RDONLY);
        if (Libc.IsMountPoint(handle, directory))
        {
            return;
        }

        if (Libc.mount(directory, directory, "none", Libc.MS_BIND | Libc.MS_REC, 0) != 0
            || Libc.mount(string.Empty, directory, "none", Libc.MS_SHARED | Libc.MS_REC, 0) != 0)
        {
            throw new KernelException("mount --make-shared", directory, Libc.LastErrno);
        }
    }
}
