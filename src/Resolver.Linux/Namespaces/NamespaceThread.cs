// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Namespaces;

/// <summary>
/// The only way into a namespace: a thread that is used for nothing else enters, runs the function and goes back to the process's own namespace
/// before the caller hears of it. Use it to create sockets (they stay in their namespace for life, usable from any thread) and to write /proc/sys/net.
/// </summary>
public static class NamespaceThread
{
    /// <summary>Runs <paramref name="function"/> inside; blocks until it is done; its exception comes out as it is.</summary>
    /// <exception cref="KernelException">setns was refused (EPERM without CAP_SYS_ADMIN).</exception>
    public static T Run<T>(NetworkNamespace netns, Func<T> function)
    {
        return RunOnOwnThread(() =>
        {
            Enter(netns);
            return function();
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

    /// <summary>Runs an action inside, while the calling thread does something else; returns when both are done. Neither throws.</summary>
    /// <param name="netns">The namespace; null if the action has to do with none.</param>
    /// <param name="inside">The action.</param>
    /// <param name="meanwhile">What the calling thread does.</param>
    /// <exception cref="KernelException">setns was refused, so that only the calling thread's part is done.</exception>
    internal static void RunBeside(NetworkNamespace? netns, Action inside, Action meanwhile)
    {
        _ = RunOnOwnThread(
            () =>
            {
                if (netns is not null)
                {
                    Enter(netns);
                }

                inside();
                return true;
            },
            meanwhile);
    }

    /// <summary>Runs a function on a thread that may leave its network namespace, and nothing else of what threads share.</summary>
    /// <param name="function">The function.</param>
    /// <param name="meanwhile">What the calling thread does; does not throw.</param>
    internal static T RunOnOwnThread<T>(Func<T> function, Action? meanwhile = null)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        NamespaceWorker.Run(
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
            meanwhile);
        failure?.Throw();
        return result;
    }

    private static void Enter(NetworkNamespace netns)
    {
        if (Libc.setns(netns.Handle, Libc.CLONE_NEWNET) != 0)
        {
            throw new KernelException("setns", netns.Path, Libc.LastErrno);
        }
    }
}
