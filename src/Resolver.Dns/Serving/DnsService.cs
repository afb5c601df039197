// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Core.Names;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;
using Resolver.Linux.Namespaces;

namespace Resolver.Dns.Serving;

/// <summary>The responders of all sandboxes: their datagram loops, TCP, and the forwarder behind them. Thread-safe.</summary>
public sealed class DnsService : IAsyncDisposable
{
    private readonly DnsCounts _counts = new();
    private readonly TimeProvider _timeProvider;
    private readonly Forwarder _forwarder;
    private readonly DatagramLoop _loop;
    private readonly List<DatagramResponder> _datagramResponders = [];
    private readonly TcpService _tcp;
    private readonly ConcurrentDictionary<Responder, byte> _responders = new();

    /// <summary>Starts the loops and the forwarder in the calling thread's namespace (the host's: upstreams are dialled from there).</summary>
    public DnsService(DnsServiceOptions options, TimeProvider timeProvider, ILogger<DnsService> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _timeProvider = timeProvider;
        _forwarder = new Forwarder(options, timeProvider, _counts, logger);
        _tcp = new TcpService(options, timeProvider, _counts, _forwarder, logger);
        _loop = new DatagramLoop(
            () =>
            {
                DatagramResponder responder = new(_counts, _forwarder, timeProvider, logger);
                _datagramResponders.Add(responder);
                return responder;
            },
            options.LoopThreads);
    }

    /// <summary>The addresses of the nameservers in the host's resolv.conf, now.</summary>
    public ImmutableArray<IPAddress> HostNameservers => _forwarder.HostNameservers;

    /// <summary>What was served so far, summed over the loops.</summary>
    public DnsCounters Counters => _counts.Sum() with { CacheEntries = _forwarder.Cache.Count, CacheBytes = _forwarder.Cache.SizeBytes };

    /// <summary>Asks as a sandbox with this view would over TCP, and says who answered. Counts like any other question.</summary>
    public async Task<AskedReply> AskAsync(SandboxView view, ReadOnlyMemory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(view);
        long start = _timeProvider.GetTimestamp();
        byte[] reply = new byte[ushort.MaxValue];
        AnswerSource source = AnswerSource.Registry;
        AnswerVerdict verdict = Answerer.Answer(view, message.Span, reply, isStream: true, rotation: 0, out int length);
        _counts.Add(verdict, reply.AsSpan(0, length));
        if (verdict == AnswerVerdict.Forward)
        {
            source = AnswerSource.Cache;
            if (!_forwarder.TryAnswerFromCache(view, message.Span, reply, isStream: true, rotation: 0, out length))
            {
                source = AnswerSource.Upstream;
                length = await ForwardAsync(view, message, reply).ConfigureAwait(false);
            }
        }

        return new AskedReply(reply.AsMemory(0, length), source, _timeProvider.GetElapsedTime(start));
    }

    /// <summary>Forgets what upstreams said; returns how many replies that were.</summary>
    public int FlushCache() => _forwarder.Cache.Flush();

    /// <summary>Forgets what upstreams said about a name; returns how many replies that were.</summary>
    /// <param name="name">The name, without a closing dot.</param>
    /// <param name="below">True for the names below it as well.</param>
    public int FlushCache(DnsName name, bool below) => _forwarder.Cache.Flush(WireNames.Encode(name.Value.ToLowerInvariant()), below);

    /// <summary>Forgets what the upstreams of a view said; returns how many replies that were.</summary>
    public int FlushCache(SandboxView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return _forwarder.UpstreamsOf(view).Sum(_forwarder.Cache.Flush);
    }

    /// <summary>Serves a sandbox from now on; takes over the sockets.</summary>
    /// <param name="sockets">Where it asks.</param>
    /// <param name="view">What it sees at first.</param>
    /// <param name="netns">Its namespace, from which upstreams of its own are dialled; stays the caller's. Null for the daemon's own namespace.</param>
    public Responder Serve(ResponderSockets sockets, SandboxView view, NetworkNamespace? netns = null)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        ArgumentNullException.ThrowIfNull(view);
        Responder responder = new(sockets, view, new SandboxContext(_tcp.Options.MaxForwardedPerSandbox, netns), _tcp, gone => _responders.TryRemove(gone, out _));
        _responders.TryAdd(responder, 0);
        _loop.Add(sockets.Datagrams);
        return responder;
    }

    private async Task<int> ForwardAsync(SandboxView view, ReadOnlyMemory<byte> message, byte[] reply)
    {
        if (_forwarder.TryEnter(view))
        {
            return await _forwarder.AnswerAsync(view, message, reply, isStream: true).ConfigureAwait(false);
        }

        Forwarder.RefuseBusy(message.Span, reply, out int length);
        return length;
    }

    /// <summary>Stops all.</summary>
    public async ValueTask DisposeAsync()
    {
        // First, so that no connection waits for an upstream any more.
        await _forwarder.DisposeAsync().ConfigureAwait(false);
        foreach (Responder responder in _responders.Keys)
        {
            await responder.DisposeAsync().ConfigureAwait(false);
        }

        _loop.Dispose();
        foreach (DatagramResponder responder in _datagramResponders)
        {
            responder.Dispose();
        }
    }
}
