// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sockets;
using Xunit;

namespace Resolver.Linux.Tests.Ports;

/// <summary>One thread for all ports: who comes to which, and datagrams there and back.</summary>
[Collection(ForkFreeCollection.Name)]
public sealed class PortLoopTests : IDisposable
{
    private const int Many = 500;
    private const ushort First = 21000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NetworkNamespace _netns = NetworkNamespace.Create();
    private readonly LaterClock _clock = new();
    private readonly Handler _handler;
    private readonly PortLoop _loop;

    public PortLoopTests()
    {
        _ = Shell.In(_netns, "ip", "link", "set", "lo", "up");
        _handler = new Handler(_netns);
        _loop = new PortLoop(_handler, _clock);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _handler.Close();
        _netns.Dispose();
    }

    [Fact]
    public void A_client_of_any_port_is_told_apart_and_one_who_came_before_is_served_as_well()
    {
        using PortReservation ports = Reserve(ProtocolType.Tcp, Many);
        ports.Listen(8);
        using Socket early = Connect(IPAddress.IPv6Loopback, First + Many - 1);
        _loop.Add(ports);
        Assert.Equal(Many - 1, _handler.Connections.Take(TestContext.Current.CancellationToken).Index);
        foreach (int index in (int[])[0, 7, Many / 2])
        {
            using Socket client = Connect(IPAddress.IPv6Loopback, First + index);
            (int found, Socket connection) = _handler.Connections.Take(TestContext.Current.CancellationToken);
            Assert.Equal(index, found);
            connection.Send([42]);
            Assert.Equal(1, client.Receive(new byte[1]));
            connection.Dispose();
        }

        _loop.Remove(ports);
        ports.Dispose();
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => Connect(IPAddress.IPv6Loopback, First)).SocketErrorCode);
    }

    [Fact]
    public void A_client_of_the_family_that_the_kernel_translates_is_sent_away()
    {
        using PortReservation ports = Reserve(ProtocolType.Tcp, 1);
        ports.Listen(8);
        _loop.Add(ports);
        using Socket client = Connect(IPAddress.Loopback, First);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);
        Assert.Empty(_handler.Connections);
    }

    [Fact]
    public void Datagrams_of_each_client_go_there_and_the_answers_come_back_from_the_port_that_was_asked()
    {
        using PortReservation ports = Reserve(ProtocolType.Udp, Many);
        _loop.Add(ports);
        using Socket one = Connect(IPAddress.IPv6Loopback, First + 3, SocketType.Dgram);
        using Socket other = Connect(IPAddress.IPv6Loopback, First + Many - 1, SocketType.Dgram);
        using Socket foreign = Connect(IPAddress.Loopback, First + 3, SocketType.Dgram);
        foreign.Send("lost"u8);
        for (int round = 0; round < 3; round++)
        {
            one.Send("one"u8);
            other.Send("other"u8);
            Assert.Equal("one to 3", Receive(one));
            Assert.Equal($"other to {Many - 1}", Receive(other));
        }

        // Each client has its own flow, which asks once where it leads.
        Assert.Equal(2, _handler.Opened);
        Assert.Equal(0, foreign.Available);
        _loop.Remove(ports);
        ports.Dispose();
        Assert.True(SpinWait.SpinUntil(() => _handler.Ended == 2, Patience));
    }

    [Fact]
    public void A_flow_on_which_nothing_passes_ends_and_the_next_datagram_begins_another()
    {
        using PortReservation ports = Reserve(ProtocolType.Udp, 2);
        _loop.Add(ports);
        using Socket idle = Connect(IPAddress.IPv6Loopback, First, SocketType.Dgram);
        using Socket busy = Connect(IPAddress.IPv6Loopback, First + 1, SocketType.Dgram);
        idle.Send("idle"u8);
        Assert.Equal("idle to 0", Receive(idle));
        _clock.Advance(TimeSpan.FromSeconds(91));
        busy.Send("busy"u8);
        Assert.Equal("busy to 1", Receive(busy));
        Assert.True(SpinWait.SpinUntil(() => _handler.Ended == 1, Patience));
        idle.Send("again"u8);
        Assert.Equal("again to 0", Receive(idle));
        Assert.Equal((3, 1), (_handler.Opened, _handler.Ended));
    }

    [Fact]
    public void A_flow_ends_when_the_other_side_refuses()
    {
        using PortReservation ports = Reserve(ProtocolType.Udp, 1);
        _handler.Close();
        _loop.Add(ports);
        using Socket client = Connect(IPAddress.IPv6Loopback, First, SocketType.Dgram);
        client.Send("nobody"u8);
        Assert.True(SpinWait.SpinUntil(() => _handler is { Opened: 1, Ended: 1 }, Patience));
    }

    private static string Receive(Socket client)
    {
        byte[] buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, client.Receive(buffer));
    }

    private PortReservation Reserve(ProtocolType protocol, int count) => NamespaceThread.Run(
        _netns, () => PortReservation.Bind(_netns, new PortBlock(IPAddress.IPv6Any, First, count, protocol) { IsOfBothFamilies = true }));

    private Socket Connect(IPAddress address, int port, SocketType type = SocketType.Stream) => NamespaceThread.Run(_netns, () =>
    {
        Socket socket = new(address.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(address, port);
        return socket;
    });

    /// <summary>The system's clock, set forward.</summary>
    private sealed class LaterClock : TimeProvider
    {
        private long _ahead;

        public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _ahead);

        internal void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, (long)(time.TotalSeconds * TimestampFrequency));
    }

    /// <summary>Leads datagrams to a socket that answers each with the port that it came by, until it is closed.</summary>
    private sealed class Handler : IPortHandler
    {
        private readonly NetworkNamespace _netns;
        private readonly Socket _target;
        private readonly EndPoint _address;
        private readonly Thread _thread;
        private readonly ConcurrentDictionary<int, int> _indexes = new();
        private int _opened;
        private int _ended;

        internal Handler(NetworkNamespace netns)
        {
            _netns = netns;
            _target = Open();
            _target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _address = _target.LocalEndPoint!;
            _thread = new Thread(Answer) { IsBackground = true };
            _thread.Start();
        }

        internal BlockingCollection<(int Index, Socket Connection)> Connections { get; } = [];

        internal int Opened => Volatile.Read(ref _opened);

        internal int Ended => Volatile.Read(ref _ended);

        public void Accepted(PortReservation ports, int index, Socket connection) => Connections.Add((index, connection));

        public Socket? Open(PortReservation ports, int index)
        {
            Socket socket = Open();
            socket.Connect(_address);
            _indexes[((IPEndPoint)socket.LocalEndPoint!).Port] = index;
            Interlocked.Increment(ref _opened);
            return socket;
        }

        public void Unserved(PortReservation ports, Errno reason) => throw new InvalidOperationException($"{reason}");

        public void Closed() => Interlocked.Increment(ref _ended);

        internal void Close()
        {
            _target.Dispose();
            _thread.Join();
        }

        private Socket Open() => NamespaceThread.Run(_netns, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));

        private void Answer()
        {
            byte[] buffer = new byte[100];
            try
            {
                while (true)
                {
                    EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
                    int length = _target.ReceiveFrom(buffer, ref sender);
                    string said = Encoding.ASCII.GetString(buffer, 0, length);
                    _ = _target.SendTo(Encoding.ASCII.GetBytes($"{said} to {_indexes[((IPEndPoint)sender).Port]}"), sender);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
