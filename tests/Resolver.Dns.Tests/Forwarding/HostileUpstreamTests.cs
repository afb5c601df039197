// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>Replies that a broken or lying upstream sends. Hex: the RRs behind the question, owner | type class TTL RDLENGTH | RDATA.</summary>
public sealed class HostileUpstreamTests : IAsyncDisposable
{
    private const int ServerFailure = 2;
    private const string In60 = " 0001 0000003C ";

    private readonly DnsCounts _counts = new();
    private readonly Forwarder _forwarder;

    public HostileUpstreamTests() =>
        _forwarder = new Forwarder(new DnsServiceOptions { ResolvConfPath = "/nonexistent/resolv.conf" }, TimeProvider.System, _counts, NullLogger.Instance);

    public ValueTask DisposeAsync() => _forwarder.DisposeAsync();

    public static TheoryData<string> Malformed =>
    [
        "C00C 0001" + In60 + "0003 C00002", // A of three octets
        "C00C 0001" + In60 + "0005 C000020101", // and of five
        "C00C 001C" + In60 + "0004 C0000201", // AAAA of four
        "C00C 0001" + In60 + "0008 C0000201", // RDLENGTH beyond the message
        "C00C 0001" + In60 + "0002 C0000201", // and short of the address
        "C00C 0010" + In60 + "0003 05 6162", // TXT: a string longer than its RDATA
        "C00C 0010" + In60 + "0000", // TXT of no string
        "C00C 0005" + In60 + "0002 C027", // CNAME: a pointer to itself
        "C00C 0005" + In60 + "0002 C0FF", // CNAME: a pointer forward
        "C00C 0005" + In60 + "0004 01 61 00 00", // CNAME: RDLENGTH longer than the name
        "C00C 0005" + In60 + "0001 03 616263 00", // CNAME: a name longer than RDLENGTH
        "C00C 000F" + In60 + "0002 000A", // MX of no name
        "C00C 0021" + In60 + "0007 0001 0002 0050 40", // SRV: a label type that does not exist
        "C00C 0006" + In60 + "0006 00 00 00000001", // SOA of two names and one number
        "C01B 0001" + In60 + "0004 C0000201", // an owner that leads to itself
        "C01D C01B 0001" + In60 + "0004 C0000201", // and two that lead to each other
        "41 61 00 0001" + In60 + "0004 C0000201", // an owner with a bit label
        "C00C 0029 04D0 00000000 0000", // OPT as an answer
        "", // an answer that is not there
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_malformed_leads_to_the_next_upstream(string hex)
    {
        await using FakeUpstream broken = new(question => [With(question, Bytes(hex), answers: 1)]);
        await using FakeUpstream good = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        byte[] reply = await AskAsync(broken, good);

        Assert.Equal((0, 1), (reply[3] & 0xF, reply[7]));
        Assert.Equal([192, 0, 2, 1], reply[^4..]);
        Assert.Equal((1, 1), (broken.Asked, good.Asked));
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task What_is_malformed_is_a_failure_and_only_that_is_kept(string hex)
    {
        await using FakeUpstream broken = new(question => [With(question, Bytes(hex), answers: 1)]);

        Assert.Equal((ServerFailure, 0), await FailureAsync(broken));
        Assert.Equal((ServerFailure, 0), await FailureAsync(broken));

        // The failure is remembered for two seconds (RFC 9520 §3.2); of the reply nothing is.
        Assert.Equal((1, 1), (broken.Asked, _forwarder.Cache.Count));
    }

    [Fact]
    public async Task An_error_without_the_question_brings_no_answer_to_the_client()
    {
        // Where the question would be, something else; an answer that points there.
        byte[] rest = Bytes("0161 0161 0161 00 0001 0001 0001 0000 C00E 0001" + In60 + "0004 C0000242");
        await using FakeUpstream broken = new(question => [[question[0], question[1], 0x81, 0x82, 0, 0, 0, 1, 0, 0, 0, 0, .. rest]]);

        Assert.Equal((ServerFailure, 0), await FailureAsync(broken));
        Assert.Equal((ServerFailure, 0), await FailureAsync(broken));
        Assert.Equal(1, broken.Asked);
    }

    [Fact]
    public async Task A_datagram_larger_than_any_that_was_asked_for_is_malformed()
    {
        byte[] many = [.. Enumerable.Range(0, 1000).SelectMany(i => Bytes($"C00C 0001 {In60} 0004 C0{i:X6}"))];
        await using FakeUpstream broken = new(question => [With(question, many, answers: 1000)]);
        await using FakeUpstream good = new(question => [FakeUpstream.Reply(question, "192.0.2.1")]);

        Assert.Equal([192, 0, 2, 1], (await AskAsync(broken, good))[^4..]);
    }

    [Fact]
    public async Task The_same_port_of_another_address_is_not_the_upstream()
    {
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using Socket upstream = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
        upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint at = (IPEndPoint)upstream.LocalEndPoint!;
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), at.Port));
        Task<byte[]> asking = Exchange.AskByDatagramAsync(new(new(at), null), ReplyBuilder.Question("www.example"), patience.Token);
        byte[] buffer = new byte[512];
        SocketReceiveFromResult asked = await upstream.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), patience.Token);
        byte[] question = buffer[..asked.ReceivedBytes];

        await stranger.SendToAsync(FakeUpstream.Reply(question, "192.0.2.66"), asked.RemoteEndPoint, patience.Token);
        await upstream.SendToAsync(FakeUpstream.Reply(question, "192.0.2.1"), asked.RemoteEndPoint, patience.Token);

        Assert.Equal([192, 0, 2, 1], (await asking)[^4..]);
    }

    [Fact]
    public async Task Duplicates_and_what_comes_late_are_nobodys_answer()
    {
        List<byte[]> earlier = [];
        await using FakeUpstream upstream = new(question =>
        {
            byte[] reply = FakeUpstream.Reply(question, $"192.0.2.{(char)question[17]}");
            byte[][] sent = [.. earlier, reply, reply, FakeUpstream.Reply(question, "192.0.2.66")];
            earlier.Add(reply);
            return sent;
        });

        for (byte i = 1; i <= 5; i++)
        {
            Assert.Equal([192, 0, 2, i], (await AskAsync($"name{i}.example", isStream: false, upstream))[^4..]);
        }
    }

    [Theory]
    [InlineData("C00C 0005" + In60 + "0002 C00C", 1)] // a name that is its own alias
    [InlineData("C00C 0005" + In60 + "0004 0162 C00C" + " C027 0005" + In60 + "0002 C00C", 2)] // two that are each other's
    public async Task Aliases_that_go_round_pass_and_are_not_kept(string hex, byte answers)
    {
        await using FakeUpstream upstream = new(question => [With(question, Bytes(hex), answers)]);

        byte[] reply = await AskAsync(upstream);

        Assert.Equal((0, answers), (reply[3] & 0xF, reply[7]));
        Assert.Equal(0, _forwarder.Cache.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_thousand_aliases_pass_whole_by_tcp_and_cut_by_udp(bool isStream)
    {
        byte[] chain = [.. Enumerable.Range(0, 1000).SelectMany(Alias)];
        await using FakeUpstream upstream = new(
            question => [FakeUpstream.Reply(question, null, isTruncated: true)], question => With(question, chain, answers: 1000));

        byte[] reply = await AskAsync("w.example", isStream, upstream);

        Assert.Equal(isStream ? 0 : 2, reply[2] & 2);
        Assert.Equal(isStream, ((reply[6] << 8) | reply[7]) == 1000);
        Assert.InRange(reply.Length, 0, isStream ? ushort.MaxValue : 1232);
    }

    // aN.w.example is an alias of aM.w.example with M = N + 1; each owner is written out.
    private static byte[] Alias(int number)
    {
        byte[] Name(int n) => [4, (byte)'a', (byte)('0' + (n / 100)), (byte)('0' + (n / 10 % 10)), (byte)('0' + (n % 10)), 0xC0, 12];
        byte[] owner = number == 0 ? [0xC0, 12] : Name(number);
        return [.. owner, 0, 5, 0, 1, 0, 0, 0, 60, 0, 7, .. Name(number + 1)];
    }

    private static byte[] With(byte[] question, byte[] rrs, int answers)
    {
        byte[] bare = FakeUpstream.Reply(question, null);
        (bare[6], bare[7]) = ((byte)(answers >> 8), (byte)answers);
        return [.. bare, .. rrs];
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private async Task<(int Rcode, int Answers)> FailureAsync(FakeUpstream upstream)
    {
        byte[] reply = await AskAsync(upstream);
        return (reply[3] & 0xF, reply[7]);
    }

    // "w.example" and its class end at octet 27, so that C01B is what follows.
    private Task<byte[]> AskAsync(params FakeUpstream[] upstreams) => AskAsync("w.example", isStream: false, upstreams);

    private async Task<byte[]> AskAsync(string name, bool isStream, params FakeUpstream[] upstreams)
    {
        SandboxView view = new([], [.. upstreams.Select(upstream => upstream.Upstream)]);
        byte[] message = ReplyBuilder.Question(name, type: 1, optFlags: null);
        byte[] reply = new byte[ushort.MaxValue];
        if (_forwarder.TryAnswerFromCache(view, message, reply, isStream, 0, out int length))
        {
            return reply[..length];
        }

        Assert.True(_forwarder.TryEnter(view));
        length = await _forwarder.AnswerAsync(view, message, reply, isStream);
        return reply[..length];
    }
}
