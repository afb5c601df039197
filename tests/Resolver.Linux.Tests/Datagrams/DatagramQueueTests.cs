// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Datagrams;
using Xunit;

namespace Resolver.Linux.Tests.Datagrams;

public sealed class DatagramQueueTests : IDisposable
{
    private readonly DatagramQueue _queue = new(512);
    private readonly Socket _first = Bound();
    private readonly Socket _second = Bound();
    private readonly Listener _listener = new();

    public void Dispose()
    {
        _queue.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void Datagrams_of_several_sockets_reach_their_peers_in_order()
    {
        using DatagramSocket toFirst = DatagramSocket.Connect((IPEndPoint)_first.LocalEndPoint!, state: null);
        using DatagramSocket bound = DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), state: null);
        for (byte number = 0; number < 10; number++)
        {
            Write(number);
            _queue.Add(toFirst, 1);
            Write((byte)(number + 100));
            _queue.Add(bound, Peer(_second), 1);
        }

        _queue.Flush(_listener);

        Assert.Equal(Enumerable.Range(0, 10), Received(_first, 10));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _second.ReceiveFrom(new byte[16], SocketFlags.Peek, ref from);
        Assert.Equal(bound.LocalEndPoint, from);
        Assert.Equal(Enumerable.Range(100, 10), Received(_second, 10));
    }

    [Fact]
    public void A_full_queue_says_so_and_is_empty_after_it_was_sent()
    {
        using DatagramSocket socket = DatagramSocket.Connect((IPEndPoint)_first.LocalEndPoint!, state: null);
        int count = 0;
        while (!_queue.IsFull)
        {
            Write((byte)count++);
            _queue.Add(socket, 1);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => _ = _queue.Next.Length);
        _queue.Flush(_listener);

        Assert.False(_queue.IsFull);
        Assert.Equal(Enumerable.Range(0, count), Received(_first, count));
    }

    [Fact]
    public void A_closed_socket_keeps_nobody_from_sending()
    {
        using DatagramSocket socket = DatagramSocket.Connect((IPEndPoint)_first.LocalEndPoint!, state: null);
        DatagramSocket closed = DatagramSocket.Connect((IPEndPoint)_second.LocalEndPoint!, state: null);
        Write(1);
        _queue.Add(closed, 1);
        Write(2);
        _queue.Add(socket, 1);
        closed.Dispose();

        _queue.Flush(_listener);

        Assert.Equal([2], Received(_first, 1));
    }

    [Fact]
    public void A_peer_that_does_not_listen_is_told_and_the_others_get_theirs()
    {
        IPEndPoint gone = (IPEndPoint)_second.LocalEndPoint!;
        _second.Close();
        using DatagramSocket toNobody = DatagramSocket.Connect(gone, state: null);
        using DatagramSocket socket = DatagramSocket.Connect((IPEndPoint)_first.LocalEndPoint!, state: null);
        for (byte number = 0; number < 2; number++)
        {
            Write(number);
            _queue.Add(toNobody, 1);
            Write(number);
            _queue.Add(socket, 1);
            _queue.Flush(_listener);
        }

        Assert.Equal([0, 1], Received(_first, 2));
        Assert.Contains(toNobody, _listener.Unreached);
    }

    private static Socket Bound()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static DatagramPeer Peer(Socket socket)
    {
        IPEndPoint endPoint = (IPEndPoint)socket.LocalEndPoint!;
        return new DatagramPeer(0, 0x7F000001, (ushort)endPoint.Port, IsIPv6: false);
    }

    private static IEnumerable<int> Received(Socket socket, int count)
    {
        byte[] buffer = new byte[16];
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(1, socket.Receive(buffer));
            yield return buffer[0];
        }
    }

    private void Write(byte content) => _queue.Next[0] = content;

    private sealed class Listener : IDatagramHandler
    {
        internal List<DatagramSocket> Unreached { get; } = [];

        public DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length)
        {
            length = 0;
            return DatagramVerdict.Drop;
        }

        public void Unreachable(DatagramSocket socket) => Unreached.Add(socket);
    }
}
