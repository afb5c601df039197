// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Namespaces;

/// <summary>
/// A thread for <see cref="NamespaceThread"/>. A few wait for the next function, since to make a thread costs more than what is done on it; one that
/// can't go back to the process's own namespace ends.
/// </summary>
internal sealed class NamespaceWorker : IDisposable
{
    private const int StackSizeBytes = 256 * 1024;
    private const int MaxIdle = 4;

    private static readonly ConcurrentStack<NamespaceWorker> Idle = new();

    // The first thread of a process never leaves its namespace.
    private static readonly SafeFileHandle Home = Libc.Open("/proc/self/ns/net", Libc.O_RDONLY);

    private readonly SemaphoreSlim _given = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Action? _action;
    private bool _isHome = true;

    private NamespaceWorker()
    {
        // No name: setting one costs as much as the socket that such a thread opens.
        new Thread(Serve, StackSizeBytes) { IsBackground = true }.Start();
    }

    /// <summary>Runs an action that may leave the network namespace and does not throw; blocks until it is done.</summary>
    /// <param name="action">The action.</param>
    /// <param name="meanwhile">What the calling thread does meanwhile; does not throw either.</param>
    internal static void Run(Action action, Action? meanwhile = null)
    {
        if (!Idle.TryPop(out NamespaceWorker? worker))
        {
            worker = new NamespaceWorker();
        }

        worker._action = action;
        worker._given.Release();
        meanwhile?.Invoke();
        worker._done.Wait();
        if (worker._isHome && Idle.Count < MaxIdle)
        {
            Idle.Push(worker);
        }
        else
        {
            worker.Dispose();
        }
    }

    /// <summary>Lets the thread end.</summary>
    public void Dispose()
    {
        _given.Release();
        _done.Wait();
        _given.Dispose();
        _done.Dispose();
    }

    private void Serve()
    {
        while (true)
        {
            _given.Wait();
            if (_action is not { } action)
            {
                _done.Release();
                return;
            }

            action();
            _action = null; // What it holds may be large.
            _isHome = Libc.setns(Home, Libc.CLONE_NEWNET) == 0;
            _done.Release();
        }
    }
}
