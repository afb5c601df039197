// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Names;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Serving;

/// <summary>What clients do to a TCP server (RFC 7766, RFC 9210), well-meaning or not. Sandboxes have 127.0.0.11 of this machine's loopback.</summary>
public sealed class TcpTests : IAsyncDisposable
{
    private static readonly DnsServiceOptions Options = new()
    {
        LoopThreads = 1,
        TcpIdleTimeout = TimeSpan.FromSeconds(2),
        TcpMessageTimeout = TimeSpan.FromSeconds(1),
    };

    private readonly DnsService _service = new(Options, TimeProvider.System, NullLogger<DnsService>.Instance);
    private readonly FakeUpstream _upstream = FakeUpstream.Dead();
    private readonly Responder _responder;

    public TcpTests()
    {
        Zone zone = new(DnsName.Parse("app", "name"), [], TimeSpan.FromSeconds(60));
        zone.Apply(new ZoneDelta(
            [
                new NameAddresses(DnsName.Parse("db", "name"), [IPAddress.Parse("10.0.0.2")]),
                new NameAddresses(DnsName.Parse("many", "name"), [.. Enumerable.Range(0, 4000).Select(i => new IPAddress([10, 1, (byte)(i >> 8), (byte)i]))]),
            ],
            []));
        _responder = _service.Serve(ResponderSockets.Open(), new SandboxView([zone], [_upstream.Upstream]));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task A_question_may_come_octet_by_octet()
    {
        using TcpClient client = await ConnectAsync();
        client.NoDelay = true;
        foreach (byte octet in Framed(ReplyBuilder.Question("db")))
        {
            await client.GetStream().WriteAsync((byte[])[octet], Deadline());
        }

        Assert.Equal(1, (await ReadAsync(client.GetStream()))[7]);
    }

    [Fact]
    public async Task Two_hundred_questions_in_one_segment_get_two_hundred_answers()
    {
        using TcpClient client = await ConnectAsync();
        byte[] all = [.. Enumerable.Range(0, 200).SelectMany(id => Framed(ReplyBuilder.Question("db", id: (ushort)id)))];

        await client.GetStream().WriteAsync(all, Deadline());
        HashSet<int> answered = [];
        for (int count = 0; count < 200; count++)
        {
            byte[] reply = await ReadAsync(client.GetStream());
            Assert.Equal(1, reply[7]);
            answered.Add((reply[0] << 8) | reply[1]);
        }

        Assert.Equal(200, answered.Count);
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("000B 1234 0100 0001 0000 0000 00")]
    [InlineData("000C 1234 8100 0000 0000 0000 0000")] // a reply
    [InlineData("4745 5420 2F20 4854 5450 2F31 2E31 0D0A")] // GET / HTTP/1.1: 18 245 octets that never come
    public async Task What_is_no_question_ends_the_connection(string hex)
    {
        using TcpClient client = await ConnectAsync();
        await client.GetStream().WriteAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), Deadline());

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Deadline()));
    }

    [Fact]
    public async Task Dripping_octets_do_not_hold_a_connection_open()
    {
        using TcpClient client = await ConnectAsync();
        byte[] question = Framed(ReplyBuilder.Question("a-name-of-some-length-that-takes-long-to-drip.example"));
        long start = Stopwatch.GetTimestamp();
        Task<int> closed = client.GetStream().ReadAsync(new byte[1], Deadline()).AsTask();
        foreach (byte octet in question)
        {
            try
            {
                await client.GetStream().WriteAsync((byte[])[octet], Deadline());
            }
            catch (IOException)
            {
                break;
            }

            if (await Task.WhenAny(closed, Task.Delay(100, Deadline())) == closed)
            {
                break;
            }
        }

        // An octet that came while it was being closed makes the end a reset (RFC 1122 §4.2.2.13).
        int received = 0;
        try
        {
            received = await closed;
        }
        catch (IOException failure) when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
        }

        Assert.Equal(0, received);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.9, 3);
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_one_in_use_is_not()
    {
        using TcpClient client = await ConnectAsync();
        for (int count = 0; count < 5; count++)
        {
            await client.GetStream().WriteAsync(Framed(ReplyBuilder.Question("db")), Deadline());
            Assert.Equal(1, (await ReadAsync(client.GetStream()))[7]);
            await Task.Delay(600, Deadline());
        }

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Deadline()));
    }

    [Fact]
    public async Task A_client_that_never_reads_is_closed_and_hurts_nobody()
    {
        using TcpClient deaf = await ConnectAsync();
        byte[] questions = [.. Enumerable.Range(0, 500).SelectMany(id => Framed(ReplyBuilder.Question("many", id: (ushort)id)))];
        Task writing = deaf.GetStream().WriteAsync(questions, Deadline()).AsTask();

        using TcpClient other = await ConnectAsync();
        await other.GetStream().WriteAsync(Framed(ReplyBuilder.Question("db")), Deadline());
        Assert.Equal(1, (await ReadAsync(other.GetStream()))[7]);

        // 500 answers of 64 KB can't wait in any buffer: the connection ends instead.
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await writing;
            await Task.Delay(Options.TcpIdleTimeout + Options.TcpMessageTimeout, Deadline());
            for (int count = 0; count < 500; count++)
            {
                await ReadAsync(deaf.GetStream());
            }
        });
    }

    [Fact]
    public async Task A_thousand_silent_connections_hurt_nobody()
    {
        List<TcpClient> silent = [];
        try
        {
            for (int count = 0; count < 1000; count++)
            {
                silent.Add(await ConnectAsync());
            }

            using TcpClient client = await ConnectAsync();
            await client.GetStream().WriteAsync(Framed(ReplyBuilder.Question("db")), Deadline());
            Assert.Equal(1, (await ReadAsync(client.GetStream()))[7]);

            using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            await datagrams.ConnectAsync(EndPoint, Deadline());
            await datagrams.SendAsync(ReplyBuilder.Question("db"), Deadline());
            byte[] reply = new byte[512];
            await datagrams.ReceiveAsync(reply, Deadline());
            Assert.Equal(1, reply[7]);

            // No more than the limit is open; the first came longest ago.
            Assert.Equal(0, await silent[0].GetStream().ReadAsync(new byte[1], Deadline()));
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Who_asks_is_told_how_long_a_connection_may_be_idle()
    {
        byte[] question = [.. ReplyBuilder.Question("db")[..^1], 4, 0, 11, 0, 0]; // RFC 7828 §3.2.1: an option without data
        using TcpClient client = await ConnectAsync();

        await client.GetStream().WriteAsync(Framed(question), Deadline());
        byte[] reply = await ReadAsync(client.GetStream());
        Assert.Equal([0, 6, 0, 11, 0, 2, 0, 20], reply[^8..]); // 20 times 100 ms
        Assert.Equal("db.", ARSoft.Tools.Net.Dns.DnsMessage.Parse(reply).AnswerRecords[0].Name.ToString());

        using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await datagrams.ConnectAsync(EndPoint, Deadline());
        await datagrams.SendAsync(question, Deadline());
        byte[] buffer = new byte[512];
        int length = await datagrams.ReceiveAsync(buffer, Deadline());
        Assert.Equal([0, 0], buffer[(length - 2)..length]); // RFC 7828 §3.2.1: nothing by UDP
    }

    [Theory]
    [InlineData(513)]
    [InlineData(1500)]
    [InlineData(4000)]
    public async Task A_big_question_is_answered_by_udp(int length)
    {
        byte[] bare = ReplyBuilder.Question("db", optFlags: 0);
        int padding = length - bare.Length - 4;
        byte[] question =
        [
            .. bare[..^2], (byte)((padding + 4) >> 8), (byte)(padding + 4), 0, 12, (byte)(padding >> 8), (byte)padding, .. new byte[padding],
        ];
        using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await datagrams.ConnectAsync(EndPoint, Deadline());

        await datagrams.SendAsync(question, Deadline());
        byte[] reply = new byte[512];
        await datagrams.ReceiveAsync(reply, Deadline());

        Assert.Equal((0, 1), (reply[3] & 15, reply[7]));
    }

    private IPEndPoint EndPoint => new(IPAddress.Parse("127.0.0.11"), _responder.Port);

    private static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    private static async Task<byte[]> ReadAsync(NetworkStream stream)
    {
        byte[] prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, Deadline());
        byte[] reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(reply, Deadline());
        return reply;
    }

    private static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    private async Task<TcpClient> ConnectAsync()
    {
        TcpClient client = new();
        await client.ConnectAsync(EndPoint, Deadline());
        return client;
    }
}
