// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Datagrams;

/// <summary>One thread of a <see cref="DatagramLoop"/>: an epoll loop, level-triggered.</summary>
internal sealed class DatagramThread : IDisposable
{
    private const int MaxEvents = 64;
    private const int BatchesPerWake = 2; // One loud sandbox does not starve the others.
    private const ulong WakeId = 0;

    private readonly IDatagramHandler _handler;
    private readonly SafeFileHandle _epoll = Libc.OpenEpoll();
    private readonly SafeFileHandle _wake = Libc.OpenEventFd();
    private readonly ConcurrentDictionary<ulong, DatagramSocket> _sockets = new();
    private readonly ConcurrentQueue<ManualResetEventSlim> _passes = new();
    private readonly byte[] _events = new byte[MaxEvents * Libc.EpollEvent.MaxLengthBytes];
    private readonly byte[] _wakeCount = new byte[sizeof(ulong)];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private ulong _lastId = WakeId;
    private bool _isEnded;

    internal DatagramThread(IDatagramHandler handler, int number)
    {
        _handler = handler;
        Control(Libc.EPOLL_CTL_ADD, _wake, WakeId);
        _thread = new Thread(Run) { IsBackground = true, Name = $"datagrams-{number}" };
        _thread.Start();
    }

    internal int SocketCount => _sockets.Count;

    internal void Add(DatagramSocket socket)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            socket.Attach(this);
            socket.Id = ++_lastId;
            _sockets[socket.Id] = socket;
            Control(Libc.EPOLL_CTL_ADD, socket.Handle, socket.Id);
        }
    }

    /// <summary>Forgets a socket and waits until the loop has passed a point where it could still be using it.</summary>
    internal void Remove(DatagramSocket socket)
    {
        ManualResetEventSlim pass = new();
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            Control(Libc.EPOLL_CTL_DEL, socket.Handle, socket.Id);
            _sockets.TryRemove(socket.Id, out _);
            _passes.Enqueue(pass);
            Wake();
        }

        pass.Wait();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            Wake();
        }

        _thread.Join();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private void Run()
    {
        try
        {
            using DatagramBatch batch = new();
            while (!Volatile.Read(ref _isEnded))
            {
                ServeReady(batch);
                _handler.Flush();
                ReleasePasses();
            }

            ReleasePasses();
        }
#pragma warning disable CA1031 // Whatever it was, a responder that stays silent is worse than a process that ends and says why.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Environment.FailFast($"A datagram loop failed: {failure.Message}", failure);
        }
    }

    private void ServeReady(DatagramBatch batch)
    {
        int ready = Libc.epoll_wait(_epoll, _events, MaxEvents, -1);
        if (ready < 0)
        {
            if (Libc.LastErrno == Errno.EINTR)
            {
                return;
            }

            throw new KernelException("epoll_wait", _thread.Name!, Libc.LastErrno);
        }

        for (int index = 0; index < ready; index++)
        {
            ulong id = Libc.EpollEvent.DataOf(_events, index);
            if (id == WakeId)
            {
                _ = Libc.read(_wake, _wakeCount, _wakeCount.Length);
                continue;
            }

            for (int turn = 0; turn < BatchesPerWake && _sockets.TryGetValue(id, out DatagramSocket? socket); turn++)
            {
                if (batch.Serve(socket, _handler) < DatagramBatch.Size)
                {
                    break;
                }
            }
        }
    }

    private void ReleasePasses()
    {
        while (_passes.TryDequeue(out ManualResetEventSlim? pass))
        {
            pass.Set();
        }
    }

    private void Wake()
    {
        Span<byte> one = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(one, 1UL);
        _ = Libc.write(_wake, one, one.Length);
    }

    private void Control(int operation, SafeHandle descriptor, ulong id)
    {
        Span<byte> description = stackalloc byte[Libc.EpollEvent.MaxLengthBytes];
        Libc.EpollEvent.Write(description, Libc.EPOLLIN, id);
        if (Libc.epoll_ctl(_epoll, operation, descriptor, description) != 0)
        {
            throw new KernelException("epoll_ctl", _thread?.Name ?? "datagrams", Libc.LastErrno);
        }
    }
}
