// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Resolver.Core.Networks;
using Resolver.Dns.Caching;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Forwarding.Datagrams;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>Questions of UDP clients that need no race, and those that turn out to need one. Where the clock stands still, nobody is late.</summary>
public sealed class FirstAttemptsTests
{
    [Fact]
    public async Task A_reply_of_the_first_upstream_is_the_answer_and_is_kept()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using AskedService service = new(new FakeTimeProvider(), upstream.Upstream);

        Assert.Equal((7, 0, 1), service.Reply("www.example", 7));
        Assert.Equal((8, 0, 1), service.Reply("WWW.example", 8));

        Assert.Equal(1, upstream.Asked);
        Assert.Equal((1L, 1L, 1L), (service.Service.Counters.Forwarded, service.Service.Counters.CacheHits, (long)service.Service.Counters.CacheEntries));
    }

    [Fact]
    public async Task Many_questions_at_once_are_all_answered()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using AskedService service = new(new FakeTimeProvider(), upstream.Upstream);

        HashSet<int> answered = [];
        for (ushort start = 0; start < 2000; start += 200)
        {
            for (ushort id = start; id < start + 200; id++)
            {
                service.Ask($"n{id}.example", id);
            }

            for (int count = 0; count < 200; count++)
            {
                (int id, int rcode, int answers) = AskedService.Outcome(service.Receive());
                Assert.Equal((0, 1), (rcode, answers));
                answered.Add(id);
            }
        }

        Assert.Equal(2000, answered.Count);
        Assert.Equal(2000, upstream.Asked);
    }

    [Fact]
    public async Task Who_asks_what_is_under_way_waits_for_the_same_reply()
    {
        QuestionsInFlight questions = new();
        byte[] key = new byte[CacheKey.MaxLengthBytes];
        SharedRace first = questions.TryBegin(key)!;

        Assert.Null(questions.TryBegin(key));
        Task<byte[]?> second = questions.JoinOrBegin(key, out SharedRace? begun);
        Assert.Null(begun);
        Assert.True(first.IsShared);
        Assert.False(second.IsCompleted);

        questions.End(first, (ReadOnlySpan<byte>)[1, 2]);
        Assert.Equal([1, 2], (await second)!);
        Assert.NotNull(questions.TryBegin(key));
    }

    [Fact]
    public async Task A_late_reply_still_wins_when_nobody_else_answers()
    {
        using RawUpstream upstream = new();
        await using AskedService service = new(TimeProvider.System, upstream.Upstream);
        service.Ask("www.example");
        IPEndPoint first = upstream.Receive();
        byte[] question = upstream.Question;

        // Patience is at its end, and the same is asked again.
        IPEndPoint second = upstream.Receive();
        upstream.Send(FakeUpstream.Reply(question, "192.0.2.1"), first);

        Assert.NotEqual(first, second);
        Assert.Equal((1, 0, 1), AskedService.Outcome(service.Receive()));
    }

    [Fact]
    public async Task A_silent_upstream_is_followed_by_the_next_one()
    {
        await using FakeUpstream dead = FakeUpstream.Dead();
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using AskedService service = new(TimeProvider.System, dead.Upstream, upstream.Upstream);

        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal((1, 0, 1), service.Reply("www.example"));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);

        watch.Restart();
        Assert.Equal((2, 0, 1), service.Reply("ftp.example", 2));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 1000);
    }

    [Fact]
    public async Task A_failure_is_not_asked_for_again_but_the_next_one_is()
    {
        await using FakeUpstream failing = new(question => [FakeUpstream.Reply(question, null, rcode: 2)]);
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using AskedService service = new(new FakeTimeProvider(), failing.Upstream, upstream.Upstream);

        Assert.Equal((1, 0, 1), service.Reply("www.example"));

        Assert.Equal((1, 1), (failing.Asked, upstream.Asked));
    }

    [Fact]
    public async Task A_truncated_reply_is_fetched_by_TCP()
    {
        await using FakeUpstream upstream = new(
            question => [FakeUpstream.Reply(question, null, isTruncated: true)], question => FakeUpstream.Reply(question, "192.0.2.1"));
        await using AskedService service = new(new FakeTimeProvider(), upstream.Upstream);

        Assert.Equal((1, 0, 1), service.Reply("www.example"));
        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task Who_does_not_listen_is_followed_by_the_next_one_at_once()
    {
        using Socket closed = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Upstream gone = new((IPEndPoint)closed.LocalEndPoint!) { IsFromHost = true };
        closed.Close();
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        await using AskedService service = new(new FakeTimeProvider(), gone, upstream.Upstream);

        for (ushort id = 0; id < 20; id++)
        {
            Assert.Equal((id, 0, 1), service.Reply($"n{id}.example", id));
        }
    }

    [Theory]
    [InlineData(1)] // the id
    [InlineData(2)] // not a reply
    [InlineData(13)] // the name
    public async Task What_does_not_match_is_passed_over(int octet)
    {
        await using FakeUpstream upstream = new(question =>
        {
            byte[] forged = FakeUpstream.Reply(question, "192.0.2.66");
            forged[octet] ^= octet == 2 ? (byte)0x80 : (byte)1;
            return [[], [1], forged, FakeUpstream.Reply(question, null, rcode: 3)];
        });
        await using AskedService service = new(TimeProvider.System, upstream.Upstream);

        Assert.Equal((1, 3, 0), service.Reply("www.example"));
    }

    [Fact]
    public async Task Another_sender_is_not_heard()
    {
        using RawUpstream upstream = new();
        await using AskedService service = new(TimeProvider.System, upstream.Upstream);
        service.Ask("www.example");
        IPEndPoint from = upstream.Receive();

        using RawUpstream forger = new();
        forger.Send(FakeUpstream.Reply(upstream.Question, "192.0.2.66"), from);
        upstream.Send(FakeUpstream.Reply(upstream.Question, null, rcode: 3), from);

        Assert.Equal((1, 3, 0), AskedService.Outcome(service.Receive()));
    }

    [Fact]
    public async Task Questions_leave_from_many_ports_with_ids_by_chance()
    {
        using RawUpstream upstream = new();
        await using AskedService service = new(TimeProvider.System, upstream.Upstream);

        (HashSet<int> ports, HashSet<int> ids) = upstream.Serve(service, 200);

        // 61 of 64 are expected, and 200 of 65,536.
        Assert.InRange(ports.Count, 45, UpstreamPorts.Count);
        Assert.InRange(ids.Count, 190, 200);
    }

    [Fact]
    public async Task Ports_are_given_up_when_they_are_old()
    {
        using RawUpstream upstream = new();
        AheadTimeProvider clock = new();
        await using AskedService service = new(clock, upstream.Upstream);

        (HashSet<int> before, _) = upstream.Serve(service, 200);
        clock.Ahead = UpstreamPorts.MaxAge;
        await Task.Delay(1500, TestContext.Current.CancellationToken); // The watch looks once a second.
        (HashSet<int> after, _) = upstream.Serve(service, 200);

        // Chance may give the same port again.
        Assert.InRange(after.Intersect(before).Count(), 0, 5);
    }

    [Fact]
    public async Task Ports_are_given_up_when_they_are_worn()
    {
        using RawUpstream upstream = new();
        await using AskedService service = new(TimeProvider.System, upstream.Upstream);

        (HashSet<int> ports, _) = upstream.Serve(service, UpstreamPorts.Count * UpstreamPort.MaxUses);

        Assert.True(ports.Count > UpstreamPorts.Count + 10, $"{ports.Count} ports");
    }

    [Fact]
    public async Task The_end_does_not_wait_for_a_silent_upstream()
    {
        await using FakeUpstream dead = FakeUpstream.Dead();
        AskedService service = new(TimeProvider.System, dead.Upstream);
        service.Ask("www.example");
        await dead.AskedAsync(1);

        Stopwatch watch = Stopwatch.StartNew();
        await service.DisposeAsync();

        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
    }

    /// <summary>An upstream that shows from where it was asked.</summary>
    private sealed class RawUpstream : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        private readonly byte[] _buffer = new byte[512];

        internal RawUpstream() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        internal Upstream Upstream => new((IPEndPoint)_socket.LocalEndPoint!) { IsFromHost = true };

        internal byte[] Question { get; private set; } = [];

        internal IPEndPoint Receive()
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            Question = _buffer[.._socket.ReceiveFrom(_buffer, ref from)];
            return (IPEndPoint)from;
        }

        internal void Send(byte[] reply, IPEndPoint to) => _socket.SendTo(reply, to);

        /// <summary>Answers that many questions, one after another.</summary>
        internal (HashSet<int> Ports, HashSet<int> Ids) Serve(AskedService service, int questions)
        {
            HashSet<int> ports = [];
            HashSet<int> ids = [];
            for (int count = 0; count < questions; count++)
            {
                service.Ask($"n{Guid.NewGuid():N}.example");
                IPEndPoint from = Receive();
                ports.Add(from.Port);
                ids.Add(BinaryPrimitives.ReadUInt16BigEndian(Question));
                Send(FakeUpstream.Reply(Question, "192.0.2.1"), from);
                service.Receive();
            }

            return (ports, ids);
        }

        public void Dispose() => _socket.Dispose();
    }

    /// <summary>The system's clock, set forward; timers run as ever.</summary>
    private sealed class AheadTimeProvider : TimeProvider
    {
        internal TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
