// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Sockets;

/// <summary>
/// One thread for all ports at which something is received: an epoll loop, level-triggered. A port costs an entry of the kernel's and nothing here until
/// somebody comes. A loop that fails ends the process (Environment.FailFast).
/// </summary>
public sealed class PortLoop : IDisposable
{
    private const int MaxEvents = 64;
    private const int ConnectionsPerWake = 16; // One port to which many connect does not starve the others.
    private const int IndexBits = 16;
    private const ulong WakeId = 0;
    private const ulong FirstFlowId = 1ul << 63; // Far above what reservations are counted up to.
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ExhaustedPause = TimeSpan.FromMilliseconds(100);

    private readonly IPortHandler _handler;
    private readonly TimeProvider _clock;
    private readonly SafeFileHandle _epoll = Libc.OpenEpoll();
    private readonly SafeFileHandle _wake = Libc.OpenEventFd();
    private readonly ConcurrentDictionary<ulong, PortReservation> _ports = new();
    private readonly ConcurrentQueue<PortReservation> _added = new();
    private readonly ConcurrentQueue<PortReservation> _gone = new();
    private readonly List<PortReservation> _unserved = []; // The thread's own.
    private readonly ManualResetEventSlim _ended = new();
    private readonly byte[] _events = new byte[MaxEvents * Libc.EpollEvent.MaxLengthBytes];
    private readonly byte[] _wakeCount = new byte[sizeof(ulong)];
    private readonly Thread _thread;
    private ulong _lastId;

    /// <summary>Starts the thread.</summary>
    /// <param name="handler">Decides what becomes of those who come.</param>
    /// <param name="clock">For the end of flows of datagrams on which nothing passes.</param>
    public PortLoop(IPortHandler handler, TimeProvider clock)
    {
        _handler = handler;
        _clock = clock;
        Span<byte> description = stackalloc byte[Libc.EpollEvent.MaxLengthBytes];
        Libc.EpollEvent.Write(description, Libc.EPOLLIN, WakeId);
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, _wake, description) != 0)
        {
            throw new KernelException("epoll_ctl", "eventfd", Libc.LastErrno);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "ports" };
        _thread.Start();
    }

    /// <summary>
    /// Serves ports from now on; those of TCP listen already. Who comes before the thread watches them waits in the kernel: to register thousands is
    /// nothing that the caller has to wait for.
    /// </summary>
    public void Add(PortReservation ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        ports.LoopId = Interlocked.Increment(ref _lastId) << IndexBits;
        _ports[ports.LoopId] = ports;
        _added.Enqueue(ports);
        Wake();
    }

    /// <summary>
    /// Serves ports no more: the handler may still be called for who came before. To be disposed of next, since what comes is reported until they are.
    /// </summary>
    public void Remove(PortReservation ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        if (_ports.TryRemove(ports.LoopId, out _) && ports.Block.Protocol == ProtocolType.Udp)
        {
            _gone.Enqueue(ports);
            Wake();
        }
    }

    /// <summary>Ends the thread and all flows of datagrams.</summary>
    public void Dispose()
    {
        if (!_ended.IsSet)
        {
            _ended.Set();
            Wake();
            _thread.Join();
            _ended.Dispose();
            _wake.Dispose();
            _epoll.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            using DatagramFlows flows = new(_epoll, FirstFlowId, _handler, _clock);
            long swept = _clock.GetTimestamp();
            while (!_ended.IsSet)
            {
                ServeReady(flows);
                while (_added.TryDequeue(out PortReservation? added))
                {
                    Watch(added);
                }

                while (_gone.TryDequeue(out PortReservation? gone))
                {
                    flows.Forget(gone);
                }

                if (_clock.GetElapsedTime(swept) >= SweepInterval)
                {
                    flows.Sweep();
                    PortReservation[] again = [.. _unserved.Where(ports => !ports.IsDisposed)];
                    _unserved.Clear();
                    Array.ForEach(again, Watch);
                    swept = _clock.GetTimestamp();
                }
            }
        }
#pragma warning disable CA1031 // Whatever it was, ports at which nobody is served are worse than a process that ends and says why.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Environment.FailFast($"The loop of published ports failed: {failure.Message}", failure);
        }
    }

    private void Watch(PortReservation ports)
    {
        Errno reason = ports.Watch(_epoll);
        if (reason != 0)
        {
            _unserved.Add(ports);
            _handler.Unserved(ports, reason);
        }
    }

    private void ServeReady(DatagramFlows flows)
    {
        int ready = Libc.epoll_wait(_epoll, _events, MaxEvents, flows.IsEmpty && _unserved.Count == 0 ? -1 : (int)SweepInterval.TotalMilliseconds);
        if (ready < 0 && Libc.LastErrno != Errno.EINTR)
        {
            throw new KernelException("epoll_wait", "ports", Libc.LastErrno);
        }

        for (int i = 0; i < ready; i++)
        {
            ulong id = Libc.EpollEvent.DataOf(_events, i);
            if (id == WakeId)
            {
                _ = Libc.read(_wake, _wakeCount, _wakeCount.Length);
            }
            else if (id >= FirstFlowId)
            {
                flows.PassBack(id);
            }
            else
            {
                Serve(id, flows);
            }
        }
    }

    private void Serve(ulong id, DatagramFlows flows)
    {
        int index = (int)(id & ((1 << IndexBits) - 1));
        if (!_ports.TryGetValue(id - (ulong)index, out PortReservation? ports))
        {
            return;
        }

        if (ports.Block.Protocol == ProtocolType.Udp)
        {
            flows.PassOn(ports, index);
        }
        else
        {
            Accept(ports, index);
        }
    }

    private void Accept(PortReservation ports, int index)
    {
        for (int turn = 0; turn < ConnectionsPerWake; turn++)
        {
            switch (ports.TryAccept(index, out Socket? connection))
            {
                case 0 when connection is not null:
                    _handler.Accepted(ports, index, connection);
                    break;
                case Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM:
                    _ended.Wait(ExhaustedPause); // Until others have ended; it would be told again at once.
                    return;
                case Errno.EAGAIN:
                    return;
                default:
                    break; // The client ended before it was accepted, or was sent away.
            }
        }
    }

    private void Wake()
    {
        Span<byte> one = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(one, 1UL);
        _ = Libc.write(_wake, one, one.Length);
    }
}
