// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Tests.Mounts;

/// <summary>Runs a test on a thread with a mount namespace of its own, which no mount leaves, and with an empty tmpfs at /run.</summary>
internal static class PrivateMounts
{
    private const ulong MS_PRIVATE = 1 << 18;

    internal static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Check(Libc.unshare(Libc.CLONE_NEWNS), "unshare", "mount namespace");
                Check(Libc.mount(string.Empty, "/", "none", MS_PRIVATE | Libc.MS_REC, 0), "mount --make-rprivate", "/");
                MountTmpfs("/run");
                test();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    internal static void MountTmpfs(string directory) => Check(Libc.mount("tmpfs", directory, "tmpfs", 0, 0), "mount", directory);

    /// <summary>The mounts at a path, each as the optional fields of its line in mountinfo, such as <c>shared:12</c> (proc(5)).</summary>
    internal static string[] At(string path, string process = "thread-self")
    {
        return [.. from line in File.ReadLines($"/proc/{process}/mountinfo")
                   let fields = line.Split(' ')
                   where fields[4] == path
                   select string.Join(' ', fields[6..Array.IndexOf(fields, "-")])];
    }

    private static void Check(int result, string operation, string subject)
    {
        if (result != 0)
        {
            throw new KernelException(operation, subject, Libc.LastErrno);
        }
    }
}
