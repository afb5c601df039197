// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

public sealed class ForwarderTests : IAsyncDisposable
{
    private const int ServerFailure = 2;

    private readonly DnsCounts _counts = new();
    private readonly Forwarder _forwarder;

    public ForwarderTests() => _forwarder = New(new DnsServiceOptions { ResolvConfPath = "/nonexistent/resolv.conf" });

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    [Fact]
    public async Task The_first_upstream_answers()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        byte[] reply = await AskAsync("example.com", upstream.Upstream);

        AssertAddress("192.0.2.1", reply);
        Assert.Equal((0x12, 0x34), (reply[0], reply[1]));
    }

    [Fact]
    public async Task A_dead_first_upstream_costs_its_timeout_once()
    {
        await using FakeUpstream dead = FakeUpstream.Dead();
        await using FakeUpstream alive = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        long start = Stopwatch.GetTimestamp();
        AssertAddress("192.0.2.1", await AskAsync("one.example", dead.Upstream, alive.Upstream));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.3, 1);

        AssertAddress("192.0.2.1", await AskAsync("two.example", dead.Upstream, alive.Upstream));
        Assert.Equal(1, dead.Asked);
    }

    [Fact]
    public async Task A_closed_port_costs_nothing()
    {
        IPEndPoint closed;
        using (Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            closed = (IPEndPoint)socket.LocalEndPoint!;
        }

        await using FakeUpstream alive = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        long start = Stopwatch.GetTimestamp();
        AssertAddress("192.0.2.1", await AskAsync("one.example", new Upstream(closed) { IsFromHost = true }, alive.Upstream));

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 0.9);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_next_upstream_is_asked_when_one_fails(int rcode)
    {
        await using FakeUpstream failing = new(question => [FakeUpstream.Reply(question, null, rcode)]);
        await using FakeUpstream alive = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        AssertAddress("192.0.2.1", await AskAsync("example.com", failing.Upstream, alive.Upstream));
    }

    [Fact]
    public async Task Dead_upstreams_end_in_SERVFAIL_before_the_client_gives_up()
    {
        await using FakeUpstream first = FakeUpstream.Dead();
        await using FakeUpstream second = FakeUpstream.Dead();

        long start = Stopwatch.GetTimestamp();
        byte[] reply = await AskAsync("example.com", first.Upstream, second.Upstream);

        Assert.Equal(ServerFailure, reply[3] & 0xF);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 3, 4);
        Assert.Equal(1, _counts.Sum().ForwardingFailures);
    }

    [Fact]
    public async Task No_upstream_is_SERVFAIL_at_once()
    {
        byte[] reply = await AskAsync("example.com");

        Assert.Equal(ServerFailure, reply[3] & 0xF);
    }

    [Fact]
    public async Task Replies_to_other_questions_are_ignored()
    {
        await using FakeUpstream upstream = new(question =>
        {
            byte[] wrongId = FakeUpstream.Reply(question, "192.0.2.66");
            wrongId[1] ^= 1;
            byte[] wrongName = FakeUpstream.Reply(question, "192.0.2.67");
            wrongName[13] ^= 1;
            return [wrongId, wrongName, FakeUpstream.Reply(question, "192.0.2.1")];
        });

        AssertAddress("192.0.2.1", await AskAsync("example.com", upstream.Upstream));
    }

    [Fact]
    public async Task A_truncated_reply_is_asked_for_over_TCP()
    {
        await using FakeUpstream upstream = new(
            question => [FakeUpstream.Reply(question, null, isTruncated: true)],
            question => FakeUpstream.Reply(question, "192.0.2.1"));

        AssertAddress("192.0.2.1", await AskAsync("example.com", upstream.Upstream));
    }

    [Fact]
    public async Task The_same_question_is_asked_once_whatever_its_case()
    {
        using SemaphoreSlim all = new(0);
        await using FakeUpstream upstream = new(question =>
        {
            all.Wait(TimeSpan.FromMilliseconds(900));
            return [FakeUpstream.Reply(question, "192.0.2.1")];
        });

        Task<byte[]>[] asking = [.. Enumerable.Range(0, 20).Select(number => AskAsync(number % 2 == 0 ? "Example.com" : "eXAMPLE.com", upstream.Upstream))];
        all.Release();
        byte[][] replies = await Task.WhenAll(asking);

        Assert.All(replies, reply => AssertAddress("192.0.2.1", reply));
        Assert.Equal((byte)'E', replies[0][13]);
        Assert.Equal((byte)'e', replies[1][13]);
        Assert.Equal(1, upstream.Asked);
    }

    [Fact]
    public async Task One_more_than_the_limit_finds_no_place()
    {
        await using Forwarder small = New(new DnsServiceOptions { MaxForwardedInFlight = 1 });

        Assert.True(small.TryEnter(new SandboxView([], [])));
        Assert.False(small.TryEnter(new SandboxView([], [])));
        Assert.Equal(1, _counts.Sum().Refused);
    }

    [Fact]
    public async Task A_sandbox_that_floods_leaves_the_places_of_others()
    {
        await using FakeUpstream upstream = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);
        SandboxView flooding = new([], [upstream.Upstream]) { Context = new SandboxContext(2, null) };
        SandboxView other = new([], []) { Context = new SandboxContext(2, null) };

        Assert.True(_forwarder.TryEnter(flooding) && _forwarder.TryEnter(flooding));
        Assert.False(_forwarder.TryEnter(flooding));
        Assert.True(_forwarder.TryEnter(other));

        await _forwarder.AnswerAsync(flooding, Question("one.example"), new byte[512], isStream: false);
        Assert.True(_forwarder.TryEnter(flooding));
        Assert.False(_forwarder.TryEnter(flooding));
    }

    [Fact]
    public void Resolv_conf_gives_its_nameservers()
    {
        string[] lines = ["# a comment", "search example", "nameserver 192.0.2.1", " nameserver\t2001:db8::1 ", "nameserver 127.0.0.11", "nameserver what"];

        Assert.Equal(["192.0.2.1:53", "[2001:db8::1]:53", "127.0.0.11:53"], UpstreamList.Parse(lines).Select(upstream => upstream.ToString()));
    }

    private static void AssertAddress(string address, byte[] reply)
    {
        Assert.Equal(0, reply[3] & 0xF);
        Assert.Equal(1, reply[7]);
        Assert.Equal(IPAddress.Parse(address), new IPAddress(reply.AsSpan(reply.Length - 4)));
    }

    private static byte[] Question(string name)
    {
        List<byte> message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (string label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        return [.. message, 0, 0, 1, 0, 1];
    }

    private Forwarder New(DnsServiceOptions options) => new(options, TimeProvider.System, _counts, NullLogger.Instance);

    private async Task<byte[]> AskAsync(string name, params Upstream[] upstreams)
    {
        SandboxView view = new([], [.. upstreams]);
        Assert.True(_forwarder.TryEnter(view));
        byte[] reply = new byte[4096];
        int length = await _forwarder.AnswerAsync(view, Question(name), reply, isStream: false);
        return reply[..length];
    }
}
