// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Daemon.Options;

namespace Resolver.Daemon.Hosting;

/// <summary>The directories that the daemon calls its own.</summary>
internal static class Directories
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // The group must reach the socket, as the socket's own mode says.
    private const UnixFileMode Searchable = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes what is missing; leaves the mode of what is there.</summary>
    /// <exception cref="RefusedException">PermissionDenied: a directory can't be made.</exception>
    public static void Create(DaemonOptions options)
    {
        Create(options.RunDirectory, Searchable);
        Create(options.StateDirectory, OwnerOnly);
    }

    private static void Create(string path, UnixFileMode mode)
    {
        try
        {
            Directory.CreateDirectory(path, mode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(FailureReason.PermissionDenied, path, $"the directory {path} can't be made: {e.Message}", e);
        }
    }
}
