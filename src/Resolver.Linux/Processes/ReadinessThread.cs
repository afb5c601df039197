// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Processes;

/// <summary>One thread that waits for descriptors to become readable, each once. It blocks in epoll_wait only.</summary>
internal sealed class ReadinessThread
{
    private const int BatchSize = 32;

    private static readonly Lazy<ReadinessThread> Instance = new(() => new ReadinessThread());

    private readonly SafeFileHandle _epoll = Libc.OpenEpoll();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _waits = new();
    private ulong _lastKey;

    private ReadinessThread()
    {
        new Thread(Run) { IsBackground = true, Name = "readiness" }.Start();
    }

    internal static ReadinessThread Shared => Instance.Value;

    internal async Task WaitReadableAsync(SafeFileHandle handle, CancellationToken cancellationToken)
    {
        ulong key = Interlocked.Increment(ref _lastKey);
        TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits[key] = completion;
        try
        {
            Add(handle, key);
            await completion.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _waits.TryRemove(key, out _);
            Remove(handle);
        }
    }

    private void Add(SafeFileHandle handle, ulong key)
    {
        Span<byte> ev = stackalloc byte[Libc.EpollEvent.MaxLengthBytes];
        Libc.EpollEvent.Write(ev, Libc.EPOLLIN | Libc.EPOLLONESHOT, key);
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, handle, ev) != 0)
        {
            throw new KernelException("epoll_ctl", "EPOLL_CTL_ADD", Libc.LastErrno);
        }
    }

    // A descriptor that was closed meanwhile has left the set by itself.
    private void Remove(SafeFileHandle handle)
    {
        if (!handle.IsClosed)
        {
            _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, handle, stackalloc byte[Libc.EpollEvent.MaxLengthBytes]);
        }
    }

    private void Run()
    {
        Span<byte> events = stackalloc byte[BatchSize * Libc.EpollEvent.MaxLengthBytes];
        while (true)
        {
            int count = Libc.epoll_wait(_epoll, events, BatchSize, -1);
            if (count < 0 && Libc.LastErrno is not Errno.EINTR)
            {
                Environment.FailFast($"the thread that waits for processes failed: epoll_wait: {Libc.LastErrno}");
            }

            for (int i = 0; i < count; i++)
            {
                if (_waits.TryGetValue(Libc.EpollEvent.DataOf(events, i), out TaskCompletionSource? completion))
                {
                    completion.TrySetResult();
                }
            }
        }
    }
}
