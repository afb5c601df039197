// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Datagrams;
using Xunit;

namespace Resolver.Linux.Tests.Datagrams;

public sealed class DatagramLoopTests
{
    private static readonly IPEndPoint AnyLoopbackPort = new(IPAddress.Loopback, 0);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_thousand_datagrams_are_answered(string address)
    {
        using DatagramLoop loop = new(new Echo(), threads: 2);
        using DatagramSocket served = DatagramSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0), state: null);
        loop.Add(served);
        using Socket client = Connect(served);

        byte[] datagram = new byte[4];
        HashSet<int> answered = [];
        for (int start = 0; start < 1000; start += 100)
        {
            for (int number = start; number < start + 100; number++)
            {
                BitConverter.TryWriteBytes(datagram, number);
                await client.SendAsync(datagram, Cancellation);
            }

            for (int number = 0; number < 100; number++)
            {
                await ReceiveAsync(client, datagram);
                answered.Add(BitConverter.ToInt32(datagram));
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000), answered.Order());
    }

    [Fact]
    public async Task A_removed_socket_is_not_served()
    {
        Echo echo = new();
        using DatagramLoop loop = new(echo, threads: 1);
        using DatagramSocket removed = DatagramSocket.Bind(AnyLoopbackPort, state: null);
        using DatagramSocket kept = DatagramSocket.Bind(AnyLoopbackPort, state: null);
        loop.Add(removed);
        loop.Add(kept);
        using Socket toRemoved = Connect(removed);
        using Socket toKept = Connect(kept);
        byte[] datagram = new byte[4];
        await toRemoved.SendAsync(datagram, Cancellation);
        await ReceiveAsync(toRemoved, datagram);

        loop.Remove(removed);
        await toRemoved.SendAsync(datagram, Cancellation);
        await toKept.SendAsync(datagram, Cancellation);
        await ReceiveAsync(toKept, datagram);

        Assert.Equal(2, echo.Handled);
        Assert.Equal(0, toRemoved.Available);
    }

    [Fact]
    public async Task A_datagram_larger_than_a_slot_is_dropped()
    {
        Echo echo = new();
        using DatagramLoop loop = new(echo, threads: 1);
        using DatagramSocket served = DatagramSocket.Bind(AnyLoopbackPort, state: null);
        loop.Add(served);
        using Socket client = Connect(served);

        await client.SendAsync(new byte[4097], Cancellation);
        await client.SendAsync(new byte[4096], Cancellation);
        int length = await ReceiveAsync(client, new byte[8192]);

        Assert.Equal(4096, length);
        Assert.Equal(1, echo.Handled);
    }

    [Fact]
    public async Task A_deferred_reply_goes_to_its_sender()
    {
        Deferring deferring = new();
        using DatagramLoop loop = new(deferring, threads: 1);
        using DatagramSocket served = DatagramSocket.Bind(AnyLoopbackPort, state: null);
        loop.Add(served);
        using Socket client = Connect(served);

        await client.SendAsync(new byte[] { 1 }, Cancellation);
        DatagramPeer peer = await deferring.Peer.WaitAsync(Deadline, Cancellation);
        Assert.Equal(client.LocalEndPoint, peer.ToEndPoint());
        Assert.True(served.TrySend(in peer, [2]));

        byte[] reply = new byte[4];
        Assert.Equal(1, await ReceiveAsync(client, reply));
        Assert.Equal(2, reply[0]);
        served.Dispose();
        Assert.False(served.TrySend(in peer, [3]));
    }

    [Fact]
    public async Task Answering_allocates_nothing()
    {
        Echo echo = new();
        using DatagramLoop loop = new(echo, threads: 1);
        using DatagramSocket served = DatagramSocket.Bind(AnyLoopbackPort, state: null);
        loop.Add(served);
        using Socket client = Connect(served);
        byte[] datagram = new byte[4];

        for (int round = 0; round < 2000; round++)
        {
            await client.SendAsync(datagram, Cancellation);
            await ReceiveAsync(client, datagram);
        }

        Assert.Equal(2000, echo.Handled);
        Assert.Equal(0, echo.AllocatedSinceWarm);
    }

    [Fact]
    public void A_taken_address_is_refused()
    {
        using DatagramSocket first = DatagramSocket.Bind(AnyLoopbackPort, state: null);

        KernelException refusal = Assert.Throws<KernelException>(() => DatagramSocket.Bind(first.LocalEndPoint, state: null));

        Assert.Equal(Errno.EADDRINUSE, refusal.Errno);
    }

    private static Socket Connect(DatagramSocket served)
    {
        Socket client = new(served.LocalEndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(served.LocalEndPoint);
        return client;
    }

    private static async Task<int> ReceiveAsync(Socket client, byte[] datagram)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(Deadline);
        return await client.ReceiveAsync(datagram, deadline.Token);
    }

    private sealed class Echo : IDatagramHandler
    {
        private const int Warm = 500;

        private int _handled;
        private long _allocatedWhenWarm;

        internal int Handled => Volatile.Read(ref _handled);

        /// <summary>Octets that the loop's thread allocated between the 500th call and the last.</summary>
        internal long AllocatedSinceWarm { get; private set; }

        public DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length)
        {
            int handled = Interlocked.Increment(ref _handled);
            if (handled == Warm)
            {
                _allocatedWhenWarm = GC.GetAllocatedBytesForCurrentThread();
            }
            else if (handled > Warm)
            {
                AllocatedSinceWarm = GC.GetAllocatedBytesForCurrentThread() - _allocatedWhenWarm;
            }

            datagram.CopyTo(reply);
            length = datagram.Length;
            return DatagramVerdict.Send;
        }
    }

    private sealed class Deferring : IDatagramHandler
    {
        private readonly TaskCompletionSource<DatagramPeer> _peer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<DatagramPeer> Peer => _peer.Task;

        public DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length)
        {
            _peer.TrySetResult(peer);
            length = 0;
            return DatagramVerdict.Defer;
        }
    }
}
