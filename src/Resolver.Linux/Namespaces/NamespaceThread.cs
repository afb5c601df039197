// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Namespaces;

/// <summary>
/// The only way into a namespace: a fresh thread that enters, runs the function and ends. Nothing is restored, so nothing can fail to be.
/// Use it to create sockets (they stay in their namespace for life, usable from any thread) and to write /proc/sys/net.
/// </summary>
public static class NamespaceThread
{
    private const int StackSizeBytes = 256 * 1024;

    /// <summary>Runs <paramref name="function"/> inside; blocks until it is done; its exception comes out as it is.</summary>
    /// <exception cref="KernelException">setns was refused (EPERM without CAP_SYS_ADMIN).</exception>
    public static T Run<T>(NetworkNamespace netns, Func<T> function)
    {
        return RunOnFreshThread(() =>
        {
            return Libc.setns(netns.Handle, Libc.CLONE_NEWNET) == 0
                ? function()
                : throw new KernelException("setns", netns.Path, Libc.LastErrno);
        });
    }

    /// <inheritdoc cref="Run{T}(NetworkNamespace, Func{T})"/>
    public static void Run(NetworkNamespace netns, Action action)
    {
        _ = Run(netns, () =>
        {
            action();
            return true;
        });
    }

    /// <summary>Does not compile: an async body would continue on another thread, in another namespace.</summary>
    [Obsolete("A namespace belongs to a thread: an async body would leave it at the first await.", error: true)]
    public static Task Run(NetworkNamespace netns, Func<Task> function) => throw new NotSupportedException();

    internal static T RunOnFreshThread<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(
            () =>
            {
                try
                {
                    result = function();
                }
#pragma warning disable CA1031 // Whatever it is, it belongs to the caller's thread.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackSizeBytes)
        {
            IsBackground = true, // And no name: setting one costs as much as the socket that such a thread opens.
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
