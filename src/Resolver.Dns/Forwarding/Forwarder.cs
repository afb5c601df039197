// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Resolver.Dns.Answering;
using Resolver.Dns.Serving;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Forwarding;

/// <summary>Answers what no zone knows by asking upstreams. Identical questions in flight share one upstream reply. Thread-safe.</summary>
internal sealed class Forwarder(DnsServiceOptions options, TimeProvider timeProvider, DnsCounts counts, ILogger logger) : IAsyncDisposable
{
    private const int MaxQuestionBytes = 512;
    private const int HeaderBytes = 12;
    private const ushort OtherError = 0;
    private const ushort NoReachableAuthority = 22;
    private const ushort NetworkError = 23;

    private readonly UpstreamList _upstreams = new(options.ResolvConfPath, timeProvider, logger);
    private readonly UpstreamHealth _health = new(timeProvider);
    private readonly Dictionary<string, Task<byte[]?>> _inFlight = [];
    private readonly HashSet<Task> _settling = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private int _waiting;

    /// <summary>Takes one of the places of questions that wait; false if all are taken; then <see cref="RefuseBusy"/> answers.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= options.MaxForwardedInFlight)
        {
            counts.Add(DnsCounts.Counted.Forwarded);
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        counts.Add(DnsCounts.Counted.Refused);
        return false;
    }

    /// <summary>Writes the answer for a question that found no place.</summary>
    internal static void RefuseBusy(ReadOnlySpan<byte> message, Span<byte> reply, out int length) =>
        ForwardedMessages.WriteServerFailure(message, OtherError, "too many questions wait for upstreams"u8, reply, out length);

    /// <summary>Answers the client's message and gives the place back; returns the length of the reply, which always is one.</summary>
    internal async Task<int> AnswerAsync(SandboxView view, ReadOnlyMemory<byte> message, Memory<byte> reply, bool isStream)
    {
        try
        {
            ImmutableArray<IPEndPoint> upstreams = _upstreams.Of(view);
            if (upstreams.IsEmpty)
            {
                counts.Add(DnsCounts.Counted.ForwardingFailure);
                return Fail(message.Span, NetworkError, "no upstream is configured"u8, reply.Span);
            }

            byte[]? received = await AskAsync(upstreams, message).ConfigureAwait(false);
            if (received is not null
                && ForwardedMessages.TryWriteClientReply(message.Span, received, reply.Span, isStream, out int length))
            {
                return length;
            }

            counts.Add(DnsCounts.Counted.ForwardingFailure);
            return Fail(message.Span, NoReachableAuthority, "no upstream answered"u8, reply.Span);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate)
        {
            running = [.. _inFlight.Values];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        lock (_gate)
        {
            running = [.. _settling];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static int Fail(ReadOnlySpan<byte> message, ushort infoCode, ReadOnlySpan<byte> text, Span<byte> reply)
    {
        ForwardedMessages.WriteServerFailure(message, infoCode, text, reply, out int length);
        return length;
    }

    private Task<byte[]?> AskAsync(ImmutableArray<IPEndPoint> upstreams, ReadOnlyMemory<byte> message)
    {
        byte[] question = new byte[MaxQuestionBytes];
        if (!ForwardedMessages.TryWriteUpstreamQuestion(message.Span, id: 0, question, out int length))
        {
            return Task.FromResult<byte[]?>(null);
        }

        string key = KeyOf(question.AsSpan(0, length), upstreams);
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return Task.FromResult<byte[]?>(null);
            }

            if (!_inFlight.TryGetValue(key, out Task<byte[]?>? race))
            {
                race = Task.Run(() => RaceAsync(key, upstreams, question.AsMemory(0, length)));
                _inFlight.Add(key, race);
            }

            return race;
        }
    }

    private async Task<byte[]?> RaceAsync(string key, ImmutableArray<IPEndPoint> upstreams, ReadOnlyMemory<byte> question)
    {
        UpstreamRace race = new(upstreams, _health, options, timeProvider, _stop.Token);
        try
        {
            return await race.RunAsync(question).ConfigureAwait(false);
        }
        finally
        {
            Task settling = race.DisposeAsync().AsTask();
            lock (_gate)
            {
                _settling.Add(settling);
                _inFlight.Remove(key);
            }

            // The clients have their answer; what the losers do matters only to the next question.
            _ = ForgetWhenSettledAsync(settling);
        }
    }

    private async Task ForgetWhenSettledAsync(Task settling)
    {
        await settling.ConfigureAwait(false);
        lock (_gate)
        {
            _settling.Remove(settling);
        }
    }

    /// <summary>
    /// What makes two questions the same: all that is sent upstream (name whatever its case, type, class, CD, AD, DO) and who is asked.
    /// </summary>
    private static string KeyOf(ReadOnlySpan<byte> question, ImmutableArray<IPEndPoint> upstreams)
    {
        Span<byte> folded = stackalloc byte[MaxQuestionBytes];
        question.CopyTo(folded);
        int position = HeaderBytes;
        while (position < question.Length && folded[position] != 0)
        {
            int end = Math.Min(position + 1 + folded[position], question.Length);
            for (int index = position + 1; index < end; index++)
            {
                folded[index] = folded[index] is >= (byte)'A' and <= (byte)'Z' ? (byte)(folded[index] | 0x20) : folded[index];
            }

            position = end;
        }

        return $"{Convert.ToHexString(folded[..question.Length])} {string.Join(' ', upstreams)}";
    }
}
