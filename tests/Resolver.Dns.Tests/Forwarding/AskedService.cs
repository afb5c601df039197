// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Tests.Forwarding;

/// <summary>A whole responder on loopback whose sandbox has these upstreams, and a client of it.</summary>
internal sealed class AskedService : IAsyncDisposable
{
    private readonly Responder _responder;

    internal AskedService(TimeProvider timeProvider, params Upstream[] upstreams)
    {
        Service = new DnsService(new DnsServiceOptions { LoopThreads = 1 }, timeProvider, NullLogger<DnsService>.Instance);
        _responder = Service.Serve(ResponderSockets.Open(), new SandboxView([], [.. upstreams]));
        Client.Connect(new IPEndPoint(IPAddress.Parse("127.0.0.11"), _responder.Port));
    }

    internal DnsService Service { get; }

    internal IPEndPoint EndPoint => (IPEndPoint)Client.RemoteEndPoint!;

    /// <summary>Receives for five seconds at most.</summary>
    internal Socket Client { get; } = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };

    internal void Ask(string name, ushort id = 1, ushort type = 1) => Client.Send(ReplyBuilder.Question(name, type, id: id));

    /// <summary>The next reply.</summary>
    internal byte[] Receive()
    {
        byte[] buffer = new byte[4096];
        return buffer[..Client.Receive(buffer)];
    }

    /// <summary>Asks and waits: id, rcode and how many answers.</summary>
    internal (int Id, int Rcode, int Answers) Reply(string name, ushort id = 1)
    {
        Ask(name, id);
        return Outcome(Receive());
    }

    internal static (int Id, int Rcode, int Answers) Outcome(byte[] reply) =>
        (BinaryPrimitives.ReadUInt16BigEndian(reply), reply[3] & 0xF, BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(6)));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _responder.DisposeAsync();
        await Service.DisposeAsync();
    }
}
