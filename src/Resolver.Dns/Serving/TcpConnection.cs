// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Serving;

/// <summary>
/// One TCP connection. What came together and is known here leaves together, in one send; what has to be asked upstream follows when its answer
/// comes, and holds up nothing (RFC 7766 §6.2.1.1).
/// </summary>
internal sealed class TcpConnection : IDisposable
{
    private const int PrefixBytes = sizeof(ushort);
    private const int MaxFramedBytes = PrefixBytes + ushort.MaxValue;
    private const int OutputBytes = 2 * (ushort.MaxValue + 1);
    private const int MaxInFlight = 64;
    private const int MaxRoundsAtOnce = 8;

    private readonly Socket _socket;
    private readonly TcpService _service;
    private readonly Func<SandboxView> _view;
    private readonly CancellationTokenSource _idle;
    private readonly SemaphoreSlim _places = new(MaxInFlight);
    private readonly SemaphoreSlim _sending = new(1);
    private long _lastMessage;
    private uint _rotation;
    private bool _hasForwarded;
    private bool _isMessageTimed;

    internal TcpConnection(Socket socket, TcpService service, Func<SandboxView> view)
    {
        _socket = socket;
        _service = service;
        _view = view;
        _idle = new CancellationTokenSource(service.Options.TcpIdleTimeout, service.TimeProvider);
        _lastMessage = service.TimeProvider.GetTimestamp();
    }

    /// <summary>When the last complete message came, as the time provider counts.</summary>
    internal long LastMessage => Volatile.Read(ref _lastMessage);

    /// <summary>Ends the connection; <see cref="RunAsync"/> returns soon after.</summary>
    internal void Close() => _idle.Cancel();

    /// <summary>Serves until the client leaves, is idle for too long, or <see cref="Close"/>. Does not throw.</summary>
    internal async Task RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception ending) when (ending is SocketException or OperationCanceledException)
        {
            // The client left, stalled or was asked to go: no one is left to tell.
        }
#pragma warning disable CA1031 // Nobody awaits this: a bug shows in the log and ends the connection.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _service.LogBug(failure);
            Close();
        }

        for (int place = 0; place < MaxInFlight && _hasForwarded; place++)
        {
            await _places.WaitAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _idle.Dispose();
        _places.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        using TcpInput input = new();
        for (int round = 1; ; round++)
        {
            ValueTask<int> receiving = _socket.ReceiveAsync(input.MakeRoom(), _idle.Token);
            if (receiving.IsCompleted && round % MaxRoundsAtOnce == 0)
            {
                // Who always has more to say lets the others have their turn on this thread.
                await Task.Yield();
            }

            int count = await receiving.ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            input.Add(count);
            if (!await AnswerAllAsync(input).ConfigureAwait(false))
            {
                // No question: whoever sends replies or less than a header here speaks something else, and would wait for what never comes.
                Close();
                return;
            }
        }
    }

    /// <summary>Answers the messages that are there; false if one of them was no question.</summary>
    private async ValueTask<bool> AnswerAllAsync(TcpInput input)
    {
        byte[] output = ArrayPool<byte>.Shared.Rent(OutputBytes);
        try
        {
            int filled = 0;
            bool areQuestions = true;
            SandboxView view = _view();
            while (areQuestions && input.TryTake(out ReadOnlyMemory<byte> message))
            {
                NoteMessage();
                if (filled > OutputBytes - MaxFramedBytes)
                {
                    await SendAsync(output.AsMemory(0, filled)).ConfigureAwait(false);
                    filled = 0;
                }

                AnswerVerdict verdict = AnswerNow(view, message.Span, output.AsSpan(filled, MaxFramedBytes), out int length);
                filled += length;
                areQuestions = verdict != AnswerVerdict.Drop;
                if (verdict == AnswerVerdict.Forward)
                {
                    filled = await ForwardAsync(view, message, output, filled).ConfigureAwait(false);
                }
            }

            TimeMessage(input);
            if (filled > 0)
            {
                await SendAsync(output.AsMemory(0, filled)).ConfigureAwait(false);
            }

            return areQuestions;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(output);
        }
    }

    private void NoteMessage()
    {
        Volatile.Write(ref _lastMessage, _service.TimeProvider.GetTimestamp());
        _idle.CancelAfter(_service.Options.TcpIdleTimeout);
        _isMessageTimed = false;
    }

    // From its length to its last octet, however slowly it drips.
    private void TimeMessage(TcpInput input)
    {
        if (input.IsInMessage && !_isMessageTimed)
        {
            _idle.CancelAfter(_service.Options.TcpMessageTimeout);
            _isMessageTimed = true;
        }
    }

    /// <summary>Writes a reply with its length in front; <paramref name="length"/> is 0 for a question to forward, and for what is none.</summary>
    private AnswerVerdict AnswerNow(SandboxView view, ReadOnlySpan<byte> message, Span<byte> framed, out int length)
    {
        Span<byte> reply = framed[PrefixBytes..];
        AnswerVerdict verdict = Answerer.Answer(view, message, reply, isStream: true, _rotation++, out length);
        _service.Counts.Add(verdict, reply[..length]);
        if (verdict == AnswerVerdict.Forward && _service.Forwarder.TryAnswerFromCache(view, message, reply, isStream: true, _rotation, out length))
        {
            verdict = AnswerVerdict.Reply;
        }

        length = verdict == AnswerVerdict.Reply ? Frame(message, framed, length) : 0;
        return verdict;
    }

    private int Frame(ReadOnlySpan<byte> message, Span<byte> framed, int length)
    {
        length = Edns.AppendKeepalive(message, framed[PrefixBytes..], length, _service.Options.TcpIdleTimeout);
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)length);
        return PrefixBytes + length;
    }

    /// <summary>Has a question answered later, or refuses it; returns how much of the output is still to be sent.</summary>
    private async ValueTask<int> ForwardAsync(SandboxView view, ReadOnlyMemory<byte> message, byte[] output, int filled)
    {
        // Only this reader takes places, so that one that is free stays so.
        if (_places.CurrentCount == 0 && filled > 0)
        {
            // The answers that are there do not wait for a place.
            await SendAsync(output.AsMemory(0, filled)).ConfigureAwait(false);
            filled = 0;
        }

        await _places.WaitAsync(_idle.Token).ConfigureAwait(false);
        if (!_service.Forwarder.TryEnter(view))
        {
            _places.Release();
            Memory<byte> framed = output.AsMemory(filled, MaxFramedBytes);
            Forwarder.RefuseBusy(message.Span, framed.Span[PrefixBytes..], out int length);
            return filled + Frame(message.Span, framed.Span, length);
        }

        _hasForwarded = true;
        byte[] question = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(question);
        _ = AnswerLaterAsync(view, question, message.Length);
        return filled;
    }

    private async Task AnswerLaterAsync(SandboxView view, byte[] message, int length)
    {
        byte[] framed = ArrayPool<byte>.Shared.Rent(MaxFramedBytes);
        try
        {
            int replyLength = await _service.Forwarder.AnswerAsync(
                view, message.AsMemory(0, length), framed.AsMemory(PrefixBytes, ushort.MaxValue), isStream: true).ConfigureAwait(false);
            await SendAsync(framed.AsMemory(0, Frame(message.AsSpan(0, length), framed.AsSpan(0, MaxFramedBytes), replyLength))).ConfigureAwait(false);
        }
        catch (Exception ending) when (ending is SocketException or OperationCanceledException)
        {
            // The client left before its answer. The reader notices as well.
        }
#pragma warning disable CA1031 // Nobody awaits this: a bug shows in the log and ends the connection.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _service.LogBug(failure);
            Close();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
            ArrayPool<byte>.Shared.Return(message);
            _places.Release();
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> framed)
    {
        await _sending.WaitAsync(_idle.Token).ConfigureAwait(false);
        try
        {
            while (!framed.IsEmpty)
            {
                int sent = await _socket.SendAsync(framed, _idle.Token).ConfigureAwait(false);
                framed = framed[sent..];
            }
        }
        finally
        {
            _sending.Release();
        }
    }
}
