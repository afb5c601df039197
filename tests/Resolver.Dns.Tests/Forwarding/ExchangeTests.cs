// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;
using Xunit;

namespace Resolver.Dns.Tests.Forwarding;

public sealed class ExchangeTests : IDisposable
{
    private static readonly byte[] Question = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 0, 0, 1, 0, 1];

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(10));
    private readonly Socket _upstream = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public ExchangeTests() => _upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    private UpstreamServer Server => At(_upstream);

    public void Dispose()
    {
        _upstream.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task Each_question_has_its_own_port_and_id()
    {
        const int Questions = 16;
        HashSet<int> ports = [];
        HashSet<int> ids = [];
        for (int count = 0; count < Questions; count++)
        {
            Task<byte[]> asking = Exchange.AskByDatagramAsync(Server, Question, _patience.Token);
            (byte[] question, EndPoint asker) = await ReceiveAsync();
            ports.Add(((IPEndPoint)asker).Port);
            ids.Add((question[0] << 8) | question[1]);
            await SendAsync(FakeUpstream.Reply(question, "192.0.2.1"), asker);
            await asking;
        }

        // A port or id may come twice by chance, but hardly thrice as often.
        Assert.InRange(ports.Count, Questions - 2, Questions);
        Assert.InRange(ids.Count, Questions - 2, Questions);
    }

    [Fact]
    public async Task What_does_not_match_is_passed_over()
    {
        Task<byte[]> asking = Exchange.AskByDatagramAsync(Server, Question, _patience.Token);
        (byte[] question, EndPoint asker) = await ReceiveAsync();
        byte[] good = FakeUpstream.Reply(question, "192.0.2.1");
        int[] changed = [0, 1, 2, 13, 16, 18]; // id, id, opcode, name, type, class
        foreach (int position in changed)
        {
            byte[] wrong = [.. good];
            wrong[position] ^= 0x10;
            await SendAsync(wrong, asker);
        }

        await SendAsync(question, asker); // QR=0
        await SendAsync([], asker);
        await SendAsync(good[..11], asker);
        await SendAsync(Bare(question, rcode: 0), asker);
        await SendAsync(Bare(question, rcode: 3), asker);
        byte[] wrongBare = Bare(question, rcode: 1);
        wrongBare[0] ^= 1;
        await SendAsync(wrongBare, asker);
        using (Socket stranger = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            await stranger.SendToAsync(FakeUpstream.Reply(question, "192.0.2.66"), asker, _patience.Token);
        }

        await SendAsync(good, asker);

        Assert.Equal(good, await asking);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task An_error_without_the_question_is_an_answer(int rcode)
    {
        Task<byte[]> asking = Exchange.AskByDatagramAsync(Server, Question, _patience.Token);
        (byte[] question, EndPoint asker) = await ReceiveAsync();

        await SendAsync(Bare(question, rcode), asker);

        Assert.Equal(Bare(question, rcode), await asking);
    }

    [Fact]
    public async Task A_stream_broken_off_is_an_IOException()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<byte[]> asking = Exchange.AskByStreamAsync(At(listener), Question, _patience.Token);
        using (Socket client = await listener.AcceptAsync(_patience.Token))
        {
            await client.ReceiveAsync(new byte[512], _patience.Token);
            await client.SendAsync((byte[])[0], _patience.Token);
        }

        await Assert.ThrowsAnyAsync<IOException>(() => asking);
    }

    private static byte[] Bare(byte[] question, int rcode) => [question[0], question[1], 0x80, (byte)rcode, 0, 0, 0, 0, 0, 0, 0, 0];

    private async Task<(byte[] Question, EndPoint Asker)> ReceiveAsync()
    {
        byte[] buffer = new byte[512];
        SocketReceiveFromResult received = await _upstream.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _patience.Token);
        return (buffer[..received.ReceivedBytes], received.RemoteEndPoint);
    }

    private async Task SendAsync(byte[] message, EndPoint asker) => await _upstream.SendToAsync(message, asker, _patience.Token);

    private static UpstreamServer At(Socket socket) => new(new Upstream((IPEndPoint)socket.LocalEndPoint!), null);
}
