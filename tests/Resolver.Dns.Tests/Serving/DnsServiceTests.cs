// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Names;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Forwarding;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Serving;

public sealed class DnsServiceTests : IAsyncDisposable
{
    private static readonly byte[] Db = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, (byte)'d', (byte)'b', 0, 0, 1, 0, 1];
    private static readonly byte[] Elsewhere = [0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'x', 2, (byte)'e', (byte)'x', 0, 0, 1, 0, 1];

    private readonly DnsService _service = new(
        new DnsServiceOptions { LoopThreads = 1, MaxTcpConnectionsPerSandbox = 2 }, TimeProvider.System, NullLogger<DnsService>.Instance);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_name_is_answered_over_UDP_and_an_unknown_one_is_forwarded()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using Responder responder = _service.Serve(ResponderSockets.Open(), View(upstream));
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(EndPoint(responder), Deadline());
        byte[] reply = new byte[512];

        await client.SendAsync(Db, Deadline());
        await client.ReceiveAsync(reply, Deadline());
        Assert.Equal((1, 0, 1), (reply[1], reply[3] & 0xF, reply[7]));

        await client.SendAsync(Elsewhere, Deadline());
        await client.ReceiveAsync(reply, Deadline());
        Assert.Equal((2, 0, 1), (reply[1], reply[3] & 0xF, reply[7]));
        DnsCounters counters = _service.Counters;
        Assert.Equal(new DnsCounters(2, 1, 1, 0, 0, 0) { CacheMisses = 1, CacheEntries = 1, CacheBytes = counters.CacheBytes }, counters);
    }

    [Fact]
    public async Task A_slow_question_does_not_hold_the_next_one_on_its_connection()
    {
        await using FakeUpstream upstream = FakeUpstream.Dead();
        await using Responder responder = _service.Serve(ResponderSockets.Open(), View(upstream));
        using TcpClient client = new();
        await client.ConnectAsync(EndPoint(responder), Deadline());
        NetworkStream stream = client.GetStream();

        await stream.WriteAsync((byte[])[0, (byte)Elsewhere.Length, .. Elsewhere, 0, (byte)Db.Length, .. Db], Deadline());

        Assert.Equal(1, (await ReadAsync(stream))[1]);
        byte[] failure = await ReadAsync(stream);
        Assert.Equal((2, 2), (failure[1], failure[3] & 0xF));
    }

    [Fact]
    public async Task The_longest_idle_connection_gives_way()
    {
        await using FakeUpstream upstream = FakeUpstream.Dead();
        await using Responder responder = _service.Serve(ResponderSockets.Open(), View(upstream));
        using TcpClient first = new();
        using TcpClient second = new();
        using TcpClient third = new();
        foreach (TcpClient client in (TcpClient[])[first, second, third])
        {
            await client.ConnectAsync(EndPoint(responder), Deadline());
            await client.GetStream().WriteAsync((byte[])[0, (byte)Db.Length, .. Db], Deadline());
            Assert.Equal(1, (await ReadAsync(client.GetStream()))[1]);
        }

        Assert.Equal(0, await first.GetStream().ReadAsync(new byte[1], Deadline()));
        await second.GetStream().WriteAsync((byte[])[0, (byte)Db.Length, .. Db], Deadline());
        Assert.Equal(1, (await ReadAsync(second.GetStream()))[1]);
    }

    private static IPEndPoint EndPoint(Responder responder) => new(IPAddress.Parse("127.0.0.11"), responder.Port);

    private static SandboxView View(FakeUpstream upstream)
    {
        Zone zone = new(DnsName.Parse("app", "name"), [], TimeSpan.FromSeconds(60));
        zone.Apply(new ZoneDelta([new NameAddresses(DnsName.Parse("db", "name"), [IPAddress.Parse("10.0.0.2")])], []));
        return new SandboxView([zone], [upstream.Upstream]);
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        byte[] prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, Deadline());
        byte[] reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(reply, Deadline());
        return reply;
    }

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token;
}
