// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Microsoft.Extensions.Logging;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Serving;

/// <summary>Answers datagrams: from the zones on the loop's thread, from upstreams on the pool.</summary>
internal sealed partial class DatagramResponder(DnsCounts counts, Forwarder forwarder, ILogger logger) : IDatagramHandler
{
    private const int MaxReplyBytes = 4096;

    [ThreadStatic]
    private static uint _rotation;

    public DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length)
    {
        SandboxView view = (SandboxView)socket.State!;
        AnswerVerdict verdict = Answerer.Answer(view, datagram, reply, isStream: false, _rotation++, out length);
        counts.Add(verdict, reply[..length]);
        if (verdict != AnswerVerdict.Forward)
        {
            return verdict == AnswerVerdict.Reply ? DatagramVerdict.Send : DatagramVerdict.Drop;
        }

        if (forwarder.TryAnswerFromCache(view, datagram, reply, isStream: false, _rotation, out length))
        {
            return DatagramVerdict.Send;
        }

        if (!forwarder.TryEnter(view))
        {
            Forwarder.RefuseBusy(datagram, reply, out length);
            return DatagramVerdict.Send;
        }

        Defer(socket, in peer, view, datagram);
        return DatagramVerdict.Defer;
    }

    // Apart, because the closure would be allocated for local answers as well.
    private void Defer(DatagramSocket socket, in DatagramPeer peer, SandboxView view, ReadOnlySpan<byte> datagram)
    {
        byte[] message = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(message);
        Deferred deferred = new(socket, peer, view, message, datagram.Length);
        _ = Task.Run(() => ReplyLaterAsync(deferred));
    }

    private async Task ReplyLaterAsync(Deferred deferred)
    {
        byte[] reply = ArrayPool<byte>.Shared.Rent(MaxReplyBytes);
        try
        {
            int length = await forwarder.AnswerAsync(
                deferred.View, deferred.Message.AsMemory(0, deferred.Length), reply.AsMemory(0, MaxReplyBytes), isStream: false).ConfigureAwait(false);
            deferred.Socket.TrySend(deferred.Peer, reply.AsSpan(0, length));
        }
#pragma warning disable CA1031 // Nobody awaits this: a bug shows in the log, and the client asks again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailure(logger, failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(reply);
            ArrayPool<byte>.Shared.Return(deferred.Message);
        }
    }

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "A question could not be forwarded because of a bug; the client gets no reply.")]
    private static partial void LogFailure(ILogger logger, Exception failure);

    private sealed record Deferred(DatagramSocket Socket, DatagramPeer Peer, SandboxView View, byte[] Message, int Length);
}
