// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Namespaces;

/// <summary>
/// The only way into a namespace: a fresh thread that enters, runs the function and ends. Nothing is restored, so nothing can fail to be.
/// Use it to create sockets (they stay in their namespace for life, usable from any thread) and to write /proc/sys/net.
/// </summary>
public static class NamespaceThread
{
    /// <summary>Runs <paramref name="function"/> inside; blocks until it is done; its exception comes out as it is.</summary>
    /// <exception cref="KernelException">setns was refused (EPERM without CAP_SYS_ADMIN).</exception>
    public static T Run<T>(NetworkNamespace netns, Func<T> function) => throw new NotImplementedException();

    /// <inheritdoc cref="Run{T}(NetworkNamespace, Func{T})"/>
    public static void Run(NetworkNamespace netns, Action action) => throw new NotImplementedException();

    /// <summary>Does not compile: an async body would continue on another thread, in another namespace.</summary>
    [Obsolete("A namespace belongs to a thread: an async body would leave it at the first await.", error: true)]
    public static Task Run(NetworkNamespace netns, Func<Task> function) => throw new NotSupportedException();
}
