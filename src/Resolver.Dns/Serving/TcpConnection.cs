// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Serving;

/// <summary>One TCP connection: pipelined questions are answered as their answers come (RFC 7766 §6.2.1.1), each in one send.</summary>
internal sealed class TcpConnection : IDisposable
{
    private const int PrefixBytes = sizeof(ushort);
    private const int MaxInFlight = 64;

    private readonly Socket _socket;
    private readonly TcpService _service;
    private readonly Func<SandboxView> _view;
    private readonly CancellationTokenSource _idle;
    private readonly SemaphoreSlim _places = new(MaxInFlight);
    private readonly SemaphoreSlim _sending = new(1);
    private long _lastMessage;
    private uint _rotation;

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

    /// <summary>Serves until the client leaves, is idle for too long, or <see cref="Close"/>.</summary>
    internal async Task RunAsync()
    {
        try
        {
            _socket.NoDelay = true;
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception ending) when (ending is SocketException or IOException or OperationCanceledException)
        {
            // The client left, stalled or was asked to go: no one is left to tell.
        }

        for (int place = 0; place < MaxInFlight; place++)
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
        await using NetworkStream stream = new(_socket, ownsSocket: false);
        byte[] prefix = new byte[PrefixBytes];
        while (await stream.ReadAtLeastAsync(prefix, PrefixBytes, throwOnEndOfStream: false, _idle.Token).ConfigureAwait(false) == PrefixBytes)
        {
            await _places.WaitAsync(_idle.Token).ConfigureAwait(false);
            _idle.CancelAfter(_service.Options.TcpMessageTimeout);
            int length = BinaryPrimitives.ReadUInt16BigEndian(prefix);
            byte[] message = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                await stream.ReadExactlyAsync(message.AsMemory(0, length), _idle.Token).ConfigureAwait(false);
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(message);
                _places.Release();
                throw;
            }

            Volatile.Write(ref _lastMessage, _service.TimeProvider.GetTimestamp());
            _idle.CancelAfter(_service.Options.TcpIdleTimeout);
            _ = AnswerAsync(message, length);
        }
    }

    private async Task AnswerAsync(byte[] message, int length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PrefixBytes + ushort.MaxValue);
        try
        {
            int replyLength = await WriteReplyAsync(message.AsMemory(0, length), buffer.AsMemory(PrefixBytes, ushort.MaxValue)).ConfigureAwait(false);
            if (replyLength == 0)
            {
                // No question: whoever sends replies or less than a header here speaks something else, and would wait for what never comes.
                Close();
            }
            else
            {
                replyLength = Edns.AppendKeepalive(
                    message.AsSpan(0, length), buffer.AsSpan(PrefixBytes, ushort.MaxValue), replyLength, _service.Options.TcpIdleTimeout);
                BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)replyLength);
                await SendAsync(buffer.AsMemory(0, PrefixBytes + replyLength)).ConfigureAwait(false);
            }
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
            ArrayPool<byte>.Shared.Return(buffer);
            ArrayPool<byte>.Shared.Return(message);
            _places.Release();
        }
    }

    /// <summary>Returns the length of the reply; 0 if there is none.</summary>
    private async ValueTask<int> WriteReplyAsync(ReadOnlyMemory<byte> message, Memory<byte> reply)
    {
        SandboxView view = _view();
        AnswerVerdict verdict = Answerer.Answer(view, message.Span, reply.Span, isStream: true, _rotation++, out int length);
        _service.Counts.Add(verdict, reply.Span[..length]);
        if (verdict != AnswerVerdict.Forward)
        {
            return verdict == AnswerVerdict.Reply ? length : 0;
        }

        if (_service.Forwarder.TryAnswerFromCache(view, message.Span, reply.Span, isStream: true, _rotation, out length))
        {
            return length;
        }

        if (!_service.Forwarder.TryEnter(view))
        {
            Forwarder.RefuseBusy(message.Span, reply.Span, out length);
            return length;
        }

        return await _service.Forwarder.AnswerAsync(view, message, reply, isStream: true).ConfigureAwait(false);
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
