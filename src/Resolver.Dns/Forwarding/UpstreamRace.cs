// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Dns.Answering;
using Resolver.Dns.Serving;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// One question to several upstreams: the next is asked when one fails, or as well when one is slow; the first usable reply wins.
/// When all were asked, the silent ones are asked again, for a datagram may have been lost.
/// </summary>
internal sealed class UpstreamRace(ImmutableArray<IPEndPoint> upstreams, UpstreamHealth health, DnsServiceOptions options, TimeProvider timeProvider)
{
    private readonly ImmutableArray<IPEndPoint> _upstreams = health.Order(upstreams);
    private readonly HashSet<IPEndPoint> _failed = [];
    private readonly List<Task<Attempt>> _running = [];
    private int _asked;

    /// <summary>The winning reply; failing that the last that came (SERVFAIL, REFUSED and the like); null if none came within the budget.</summary>
    internal async Task<byte[]?> RunAsync(ReadOnlyMemory<byte> question, CancellationToken stop)
    {
        using CancellationTokenSource budget = new(options.ForwardingBudget, timeProvider);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, stop);
        byte[]? last = null;
        AskNext(question, end.Token);
        while (_running.Count > 0 && !end.IsCancellationRequested)
        {
            if (await NextDoneAsync(end.Token).ConfigureAwait(false) is not { } done)
            {
                AskNext(question, end.Token);
                continue;
            }

            if (done.IsUsable)
            {
                last = done.Reply;
                break;
            }

            last = done.Reply ?? last;
            _failed.Add(done.Upstream);
            if (_asked < _upstreams.Length)
            {
                AskNext(question, end.Token);
            }
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        return last;
    }

    private void AskNext(ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        for (int tries = 0; tries < _upstreams.Length && !cancellation.IsCancellationRequested; tries++)
        {
            IPEndPoint upstream = _upstreams[_asked++ % _upstreams.Length];
            if (!_failed.Contains(upstream))
            {
                _running.Add(TryAsync(upstream, question, cancellation));
                return;
            }
        }
    }

    /// <summary>The attempt that ended next; null when the time to ask one more has come.</summary>
    private async Task<Attempt?> NextDoneAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task hedge = Task.Delay(options.UpstreamTimeout, timeProvider, timer.Token);
        Task ended = await Task.WhenAny(_running.Append(hedge)).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        if (ended is not Task<Attempt> attempt)
        {
            return null;
        }

        _running.Remove(attempt);
        return await attempt.ConfigureAwait(false);
    }

    private async Task<Attempt> TryAsync(IPEndPoint upstream, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        long start = timeProvider.GetTimestamp();
        try
        {
            byte[] reply = await Exchange.AskAsync(upstream, question, cancellation).ConfigureAwait(false);
            health.Answered(upstream);
            return IsWellFormed(question.Span, reply) ? new Attempt(upstream, reply) : new Attempt(upstream, null);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            // Refused, unreachable or broken off: the next one is asked at once.
            return new Attempt(upstream, null);
        }
        catch (OperationCanceledException)
        {
            if (timeProvider.GetElapsedTime(start) >= options.UpstreamTimeout)
            {
                health.TimedOut(upstream);
            }

            return new Attempt(upstream, null);
        }
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> question, byte[] reply)
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        bool isWellFormed = ForwardedMessages.TryWriteClientReply(question, reply, scratch.AsSpan(0, ushort.MaxValue), isStream: true, out _);
        ArrayPool<byte>.Shared.Return(scratch);
        return isWellFormed;
    }

    /// <summary>What came of asking one upstream; no reply if none came or it was malformed.</summary>
    private readonly record struct Attempt(IPEndPoint Upstream, byte[]? Reply)
    {
        private const int FormatError = 1;
        private const int ServerFailure = 2;
        private const int NotImplemented = 4;
        private const int Refused = 5;

        /// <summary>True if the reply says something about the name, not about the upstream.</summary>
        internal bool IsUsable =>
            Reply is not null && ForwardedMessages.Outcome(Reply).Rcode is not (FormatError or ServerFailure or NotImplemented or Refused);
    }
}
