// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using System.Runtime.InteropServices;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Sockets;

/// <summary>
/// Passes datagrams on by a socket for each client, and the answers back. One buffer for all: a flow is a descriptor and an entry. Not thread-safe.
/// </summary>
internal sealed class DatagramFlows : IDisposable
{
    private const int MaxDatagramBytes = 65535;
    private const int DatagramsPerWake = 16; // One loud client does not starve the others.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(90);

    private readonly Dictionary<(PortReservation Ports, int Index, DatagramPeer Client), ulong> _ids = [];
    private readonly Dictionary<ulong, DatagramFlow> _flows = [];
    private readonly byte[] _buffer = new byte[MaxDatagramBytes];
    private readonly SafeHandle _epoll;
    private readonly IPortHandler _handler;
    private readonly TimeProvider _clock;
    private ulong _lastId;

    /// <param name="epoll">What tells of answers.</param>
    /// <param name="firstId">Flows are called by this number and those behind it.</param>
    /// <param name="handler">Says whither.</param>
    /// <param name="clock">For the end of flows on which nothing passes.</param>
    internal DatagramFlows(SafeHandle epoll, ulong firstId, IPortHandler handler, TimeProvider clock)
    {
        _epoll = epoll;
        _lastId = firstId;
        _handler = handler;
        _clock = clock;
    }

    internal bool IsEmpty => _flows.Count == 0;

    /// <summary>Passes on what has come to a port.</summary>
    internal void PassOn(PortReservation ports, int index)
    {
        int length;
        for (int turn = 0; turn < DatagramsPerWake && (length = ports.Receive(index, _buffer, out DatagramPeer client, out bool isForeign)) >= 0; turn++)
        {
            if (!isForeign && FlowOf(ports, index, client) is { } flow)
            {
                flow.LastUsed = _clock.GetTimestamp();

                // One that can't be passed on is lost, as any may be; the client sends again.
                _ = flow.Socket.Send(_buffer.AsSpan(0, length), SocketFlags.None, out _);
            }
        }
    }

    /// <summary>Passes answers back. A flow ends when the other side refuses datagrams.</summary>
    internal void PassBack(ulong id)
    {
        if (!_flows.TryGetValue(id, out DatagramFlow? flow))
        {
            return;
        }

        for (int turn = 0; turn < DatagramsPerWake; turn++)
        {
            int length = flow.Socket.Receive(_buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success)
            {
                End(id, flow);
                return;
            }

            flow.LastUsed = _clock.GetTimestamp();
            flow.Ports.Send(flow.Index, flow.Client, _buffer.AsSpan(0, length));
        }
    }

    /// <summary>Ends the flows on which nothing passes, and those of ports that are not held any more.</summary>
    internal void Sweep() => EndAll(flow => _clock.GetElapsedTime(flow.LastUsed) >= Idle || flow.Ports.IsDisposed);

    /// <summary>Ends the flows of some ports.</summary>
    internal void Forget(PortReservation ports) => EndAll(flow => flow.Ports == ports);

    /// <summary>Ends all.</summary>
    public void Dispose() => EndAll(_ => true);

    private DatagramFlow? FlowOf(PortReservation ports, int index, in DatagramPeer client)
    {
        if (_ids.TryGetValue((ports, index, client), out ulong known))
        {
            return _flows[known];
        }

        if (_handler.Open(ports, index) is not { } socket)
        {
            return null;
        }

        ulong id = ++_lastId;
        DatagramFlow flow = new(socket, ports, index, client);
        Span<byte> description = stackalloc byte[Libc.EpollEvent.MaxLengthBytes];
        Libc.EpollEvent.Write(description, Libc.EPOLLIN, id);
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, socket.SafeHandle, description) != 0)
        {
            socket.Dispose();
            _handler.Closed();
            return null;
        }

        socket.Blocking = false;
        _ids[(ports, index, client)] = id;
        _flows[id] = flow;
        return flow;
    }

    private void EndAll(Func<DatagramFlow, bool> isOver)
    {
        foreach ((ulong id, DatagramFlow flow) in _flows.Where(entry => isOver(entry.Value)).ToArray())
        {
            End(id, flow);
        }
    }

    private void End(ulong id, DatagramFlow flow)
    {
        _flows.Remove(id);
        _ids.Remove((flow.Ports, flow.Index, flow.Client));
        flow.Socket.Dispose();
        _handler.Closed();
    }
}
