// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Networks;
using Resolver.Dns.Forwarding;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>An upstream on 127.0.0.1, UDP and TCP at one port, that answers by a script; no script answers nothing.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly Socket _datagrams;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<byte[], byte[][]> _onDatagram;
    private readonly Func<byte[], byte[]>? _onStream;
    private readonly Task _serving;
    private int _asked;

    internal FakeUpstream(Func<byte[], byte[][]> onDatagram, Func<byte[], byte[]>? onStream = null)
    {
        _onDatagram = onDatagram;
        _onStream = onStream;
        (_datagrams, _listener) = Open();
        _serving = Task.WhenAll(ServeDatagramsAsync(), ServeStreamsAsync());
    }

    internal IPEndPoint EndPoint => (IPEndPoint)_datagrams.LocalEndPoint!;

    /// <summary>As a sandbox names it.</summary>
    internal Upstream Upstream => new(EndPoint) { IsFromHost = true };

    /// <summary>As the forwarder reaches it.</summary>
    internal UpstreamServer Server => new(Upstream, null);

    /// <summary>Datagrams that came.</summary>
    internal int Asked => Volatile.Read(ref _asked);

    /// <summary>Waits until that many datagrams came, for two seconds at most.</summary>
    internal async Task AskedAsync(int count)
    {
        for (int i = 0; i < 200 && Asked < count; i++)
        {
            await Task.Delay(10, CancellationToken.None);
        }

        Xunit.Assert.Equal(count, Asked);
    }

    /// <summary>An upstream that takes every question and never answers.</summary>
    internal static FakeUpstream Dead() => new(_ => []);

    /// <summary>The reply to a question with one A record, or none when <paramref name="address"/> is null.</summary>
    internal static byte[] Reply(byte[] question, string? address, int rcode = 0, bool isTruncated = false)
    {
        int end = 12;
        while (question[end] != 0)
        {
            end += 1 + question[end];
        }

        end += 5;
        byte[] header = [question[0], question[1], (byte)(0x81 | (isTruncated ? 2 : 0)), (byte)(0x80 | rcode), 0, 1, 0, (byte)(address is null ? 0 : 1), 0, 0, 0, 0];
        byte[] record = address is null ? [] : [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()];
        return [.. header, .. question[12..end], .. record];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _datagrams.Dispose();
        _listener.Dispose();
        _stop.Dispose();
    }

    // A port that the kernel finds free for UDP may be taken for TCP: then another one.
    private static (Socket Datagrams, Socket Listener) Open()
    {
        for (int attempt = 0; ; attempt++)
        {
            Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                listener.Bind(datagrams.LocalEndPoint!);
                listener.Listen();
                return (datagrams, listener);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 16)
            {
                datagrams.Dispose();
                listener.Dispose();
            }
        }
    }

    private async Task ServeDatagramsAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                Interlocked.Increment(ref _asked);
                foreach (byte[] reply in _onDatagram(buffer[..received.ReceivedBytes]))
                {
                    await _datagrams.SendToAsync(reply, received.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeStreamsAsync()
    {
        try
        {
            while (true)
            {
                using Socket client = await _listener.AcceptAsync(_stop.Token);
                await using NetworkStream stream = new(client);
                byte[] prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _stop.Token);
                byte[] question = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(question, _stop.Token);
                byte[] reply = _onStream!(question);
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)reply.Length);
                await stream.WriteAsync((byte[])[.. prefix, .. reply], _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
