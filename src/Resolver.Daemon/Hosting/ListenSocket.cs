// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Core.Failures;

namespace Resolver.Daemon.Hosting;

/// <summary>
/// The daemon's claim on a socket path: a lock file beside it, held for the daemon's life, so that of two daemons one wins and the other
/// leaves everything alone. The kernel frees the lock with the process; a socket file without a lock is stale.
/// </summary>
internal sealed class ListenSocket : IDisposable
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly FileStream _lock;

    private ListenSocket(string path, FileStream claim)
    {
        Path = path;
        _lock = claim;
    }

    /// <summary>The socket's path.</summary>
    public string Path { get; }

    /// <summary>Claims the path; its directory is made when missing.</summary>
    /// <exception cref="RefusedException">FailedPrecondition: somebody serves there already, or the path is something else than a socket;
    /// PermissionDenied: the directory can't be written.</exception>
    public static ListenSocket Claim(string path)
    {
        FileStream? claim = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            claim = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            RemoveStale(path);
            return new ListenSocket(path, claim);
        }
        catch (IOException e)
        {
            claim?.Dispose();
            throw claim is null && File.Exists(path + ".lock")
                ? Busy(path, e)
                : RefusedException.WrongState(path, $"the socket {path} can't be made: {e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            claim?.Dispose();
            throw new RefusedException(FailureReason.PermissionDenied, path, $"the socket {path} can't be made: {e.Message}", e);
        }
        catch (RefusedException)
        {
            claim?.Dispose();
            throw;
        }
    }

    /// <summary>Binds the socket. Mode 0660 is set before anyone can connect, because connecting needs the listen that follows.</summary>
    public Socket Bind()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path));
        File.SetUnixFileMode(Path, OwnerAndGroup);
        return socket;
    }

    /// <summary>Removes the socket file and gives the path up. The lock file stays: removing it would let two daemons lock two files.</summary>
    public void Dispose()
    {
        File.Delete(Path);
        _lock.Dispose();
    }

    private static void RemoveStale(string path)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException) when (!Exists(path))
        {
            return;
        }
        catch (SocketException e)
        {
            throw RefusedException.WrongState(path, $"{path} exists and is no socket of a daemon ({e.Message}): remove it, or choose another with --socket");
        }

        throw Busy(path, null);
    }

    private static bool Exists(string path) => Directory.Exists(path) || File.Exists(path) || new FileInfo(path).LinkTarget is not null;

    // A regular file refuses connections as well, and is none of ours to delete: only sockets and the like open with an error, ENXIO.
    private static bool IsSocket(string path)
    {
        FileAttributes attributes = File.GetAttributes(path);
        if (attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            return false;
        }

        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static RefusedException Busy(string path, Exception? cause) => new(
        FailureReason.FailedPrecondition, path, $"another resolverd is running and serves {path}: stop it first, or choose another --socket and --state-dir", cause);
}
