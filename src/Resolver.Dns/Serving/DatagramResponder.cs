// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Microsoft.Extensions.Logging;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Forwarding.Datagrams;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Serving;

/// <summary>
/// Answers datagrams: from the zones and the cache at once, from upstreams when they reply. One for each thread of the loop, where all of it is called.
/// </summary>
internal sealed partial class DatagramResponder : IDatagramHandler, IDisposable
{
    private readonly DnsCounts _counts;
    private readonly Forwarder _forwarder;
    private readonly ILogger _logger;
    private readonly FirstAttempts _attempts;
    private uint _rotation;

    internal DatagramResponder(DnsCounts counts, Forwarder forwarder, TimeProvider timeProvider, ILogger logger)
    {
        _counts = counts;
        _forwarder = forwarder;
        _logger = logger;
        _attempts = new FirstAttempts(forwarder, timeProvider, GoOn);
    }

    public DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length)
    {
        if (socket.State is not SandboxView view)
        {
            length = 0;
            _attempts.Receive((UpstreamPort)socket.State!, datagram, this);
            return DatagramVerdict.Drop;
        }

        AnswerVerdict verdict = Answerer.Answer(view, datagram, reply, isStream: false, _rotation++, out length);
        _counts.Add(verdict, reply[..length]);
        if (verdict != AnswerVerdict.Forward)
        {
            return verdict == AnswerVerdict.Reply ? DatagramVerdict.Send : DatagramVerdict.Drop;
        }

        if (_forwarder.TryAnswerFromCache(view, datagram, reply, isStream: false, _rotation, out length))
        {
            return DatagramVerdict.Send;
        }

        if (!_forwarder.TryEnter(view))
        {
            Forwarder.RefuseBusy(datagram, reply, out length);
            return DatagramVerdict.Send;
        }

        if (!_attempts.TryAsk(socket, in peer, view, datagram, this))
        {
            Defer(socket, in peer, view, datagram);
        }

        return DatagramVerdict.Defer;
    }

    /// <inheritdoc/>
    public void Flush() => _attempts.Flush(this);

    /// <inheritdoc/>
    public void Unreachable(DatagramSocket socket)
    {
        if (socket.State is UpstreamPort port)
        {
            _attempts.Unreachable(port);
        }
    }

    /// <summary>After the loop has ended.</summary>
    public void Dispose() => _attempts.Dispose();

    // Apart, because the closure would be allocated for local answers as well.
    private void Defer(DatagramSocket socket, in DatagramPeer peer, SandboxView view, ReadOnlySpan<byte> datagram)
    {
        byte[] message = datagram.ToArray();
        DatagramPeer asker = peer;
        _ = Task.Run(() => ReplyLaterAsync(socket, asker, reply => _forwarder.AnswerAsync(view, message, reply, isStream: false)));
    }

    private void GoOn(OutstandingQuestion question) =>
        _ = Task.Run(() => ReplyLaterAsync(question.Socket, question.Peer, reply => _forwarder.GoOnAsync(question, reply)));

    private async Task ReplyLaterAsync(DatagramSocket socket, DatagramPeer peer, Func<Memory<byte>, Task<int>> answer)
    {
        byte[] reply = ArrayPool<byte>.Shared.Rent(FirstAttempts.MaxReplyBytes);
        try
        {
            int length = await answer(reply.AsMemory(0, FirstAttempts.MaxReplyBytes)).ConfigureAwait(false);
            socket.TrySend(peer, reply.AsSpan(0, length));
        }
#pragma warning disable CA1031 // Nobody awaits this: a bug shows in the log, and the client asks again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailure(_logger, failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(reply);
        }
    }

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "A question could not be forwarded because of a bug; the client gets no reply.")]
    private static partial void LogFailure(ILogger logger, Exception failure);
}
