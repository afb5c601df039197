// SPDX-License-Identifier: Apache-2.0

using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Names;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Tests.Answering;
using Resolver.Dns.Tests.Caching;
using Resolver.Dns.Tests.Forwarding;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Tests.Allocations;

/// <summary>What a responder does between receiving and sending, for what is known here. BenchmarkDotNet makes it and calls it.</summary>
public class AnswerBenchmarks : IAsyncDisposable
{
    private readonly byte[] _reply = new byte[4096];
    private FakeUpstream? _upstream;
    private Forwarder? _forwarder;
    private DatagramSocket? _socket;
    private DatagramResponder? _responder;

    /// <summary>What is asked.</summary>
    [ParamsAllValues]
    public AnswerKind Kind { get; set; }

    private byte[] Question => Questions[(int)Kind];

    private static byte[][] Questions { get; } =
    [
        ReplyBuilder.Question("db"),
        ReplyBuilder.Question("db.app", 28),
        ReplyBuilder.Question("9.0.30.172.in-addr.arpa", 12),
        ReplyBuilder.Question("2.0.30.172.in-addr.arpa", 12),
        ReplyBuilder.Question("www.example"),
        ReplyBuilder.Question("database"),
    ];

    /// <summary>A sandbox on a network with a name, and an outside name in the cache.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        DnsCounts counts = new();
        _upstream = new FakeUpstream(question => [ReplyBuilder.Reply(question, 3600, ["192.0.2.1", "192.0.2.2"])]);
        _forwarder = new Forwarder(new DnsServiceOptions { ResolvConfPath = "/nonexistent/resolv.conf" }, TimeProvider.System, counts, NullLogger.Instance);
        Zone zone = AskedView.NewZone("app", "172.30.0.0/24");
        zone.Apply(new ZoneDelta([AskedView.Addresses("db", "172.30.0.2", "172.30.0.3")], []));
        SandboxView view = new([zone], [_upstream.Upstream])
        {
            Links = Kind == AnswerKind.LinkedName ? [new LinkedName(DnsName.Parse("database", "name"), zone, DnsName.Parse("db", "name"))] : [],
        };
        _socket = DatagramSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), view);
        _responder = new DatagramResponder(counts, _forwarder, TimeProvider.System, NullLogger.Instance);

        _forwarder.TryEnter(view);
        await _forwarder.AnswerAsync(view, Questions[(int)AnswerKind.CacheHit], _reply, isStream: false);
    }

    /// <summary>One question and its reply.</summary>
    [Benchmark]
    public int Answer()
    {
        DatagramPeer peer = default;
        DatagramVerdict verdict = _responder!.Handle(_socket!, in peer, Question, _reply, out int length);
        return verdict == DatagramVerdict.Send ? length : throw new InvalidOperationException($"{Kind} was not answered at once: {verdict}");
    }

    /// <summary>Closes the sockets.</summary>
    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _socket!.Dispose();
        await _forwarder!.DisposeAsync();
        await _upstream!.DisposeAsync();
    }
}
