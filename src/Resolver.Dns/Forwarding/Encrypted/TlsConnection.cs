// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding.Encrypted;

/// <summary>
/// One connection by TLS. Questions are written as they come and replies are matched by their id, in whatever order (RFC 7766 §6.2.1.1). The
/// certificate must be valid and name the server: without that, TLS would only hide from us who answers.
/// </summary>
internal sealed class TlsConnection : IAsyncDisposable
{
    private const int MaxInFlight = 1000;
    private const int PaddingBlockBytes = 128; // RFC 8467 §4.1

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(3);

    private readonly Dictionary<ushort, (byte[] Question, TaskCompletionSource<byte[]> Reply)> _inFlight = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly TimeProvider _timeProvider;
    private readonly Action<TlsConnection> _forget;
    private readonly Task<SslStream> _opening;
    private readonly Task _reading;
    private readonly ITimer _idle;

    internal TlsConnection(UpstreamServer server, TimeProvider timeProvider, Action<TlsConnection> forget)
    {
        Server = server;
        _timeProvider = timeProvider;
        _forget = forget;
        _idle = timeProvider.CreateTimer(_ => CloseIfIdle(), null, IdleTime, IdleTime);
        _opening = Task.Run(OpenAsync);
        _reading = Task.Run(ReadAsync);
    }

    internal UpstreamServer Server { get; }

    /// <summary>True when it takes no more questions.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Asks and returns the reply, whatever its rcode.</summary>
    /// <exception cref="SocketException">The server can't be reached.</exception>
    /// <exception cref="IOException">The connection broke, the certificate is not the server's, or too many questions are on their way.</exception>
    internal async Task<byte[]> AskAsync(ReadOnlyMemory<byte> template, CancellationToken cancellation)
    {
        SslStream stream = await _opening.WaitAsync(cancellation).ConfigureAwait(false);
        byte[] question = Padded(template.Span);
        TaskCompletionSource<byte[]> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ushort id = Enter(question, reply);
        try
        {
            await _writing.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                // Whole or not at all: half a message would end the connection for the others, too.
                await stream.WriteAsync(Exchange.Framed(question), _end.Token).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }

            return await reply.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"the connection to {Server} was closed");
        }
        finally
        {
            lock (_gate)
            {
                _inFlight.Remove(id);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _idle.DisposeAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    }

    /// <summary>A question padded to a multiple of 128 octets, so that its length does not tell the name. It ends with an OPT without options.</summary>
    internal static byte[] Padded(ReadOnlySpan<byte> question)
    {
        const ushort PaddingOption = 12; // RFC 7830 §3
        const int OptionHeaderBytes = 4;
        int length = (question.Length + OptionHeaderBytes + PaddingBlockBytes - 1) / PaddingBlockBytes * PaddingBlockBytes;
        byte[] padded = new byte[length];
        question.CopyTo(padded);
        Span<byte> option = padded.AsSpan(question.Length);
        BinaryPrimitives.WriteUInt16BigEndian(padded.AsSpan(question.Length - sizeof(ushort)), (ushort)option.Length);
        BinaryPrimitives.WriteUInt16BigEndian(option, PaddingOption);
        BinaryPrimitives.WriteUInt16BigEndian(option[2..], (ushort)(option.Length - OptionHeaderBytes));
        return padded;
    }

    private ushort Enter(byte[] question, TaskCompletionSource<byte[]> reply)
    {
        lock (_gate)
        {
            if (IsClosed || _inFlight.Count >= MaxInFlight)
            {
                throw new IOException(IsClosed ? $"the connection to {Server} was closed" : $"{MaxInFlight} questions wait for {Server}");
            }

            ushort id;
            do
            {
                id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
            }
            while (_inFlight.ContainsKey(id));

            BinaryPrimitives.WriteUInt16BigEndian(question, id);
            _inFlight.Add(id, (question, reply));
            return id;
        }
    }

    private async Task<SslStream> OpenAsync()
    {
        using CancellationTokenSource limit = new(ConnectTime, _timeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _end.Token);
        Socket socket = Server.OpenSocket(SocketType.Stream);
        SslStream? stream = null;
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(Server.Upstream.EndPoint, stop.Token).ConfigureAwait(false);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            SslClientAuthenticationOptions options = new()
            {
                TargetHost = Server.Upstream.ServerName?.Value ?? Server.Upstream.EndPoint.Address.ToString(),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
            await stream.AuthenticateAsClientAsync(options, stop.Token).ConfigureAwait(false);
            return stream;
        }
        catch (Exception failure)
        {
            stream?.Dispose();
            socket.Dispose();
            throw failure is AuthenticationException or OperationCanceledException ? new IOException($"{Server}: {failure.Message}", failure) : failure;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await using SslStream stream = await _opening.ConfigureAwait(false);
            while (true)
            {
                byte[] message = await Exchange.ReadFramedAsync(stream, _end.Token).ConfigureAwait(false);
                Deliver(message);
            }
        }
        catch (Exception ending) when (ending is SocketException or IOException or OperationCanceledException)
        {
            // The server closed it, it was idle, or it never came about: those who wait are told below.
        }
        finally
        {
            Close();
        }
    }

    private void Deliver(byte[] message)
    {
        lock (_gate)
        {
            // What nobody waits for any more, or does not match, is passed over.
            if (message.Length >= MessageHeader.LengthBytes
                && _inFlight.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(message), out (byte[] Question, TaskCompletionSource<byte[]> Reply) waiting)
                && Exchange.IsAnswerTo(waiting.Question, message))
            {
                waiting.Reply.TrySetResult(message);
            }
        }
    }

    private void CloseIfIdle()
    {
        lock (_gate)
        {
            if (_inFlight.Count > 0)
            {
                return;
            }

            IsClosed = true;
        }

        _end.Cancel();
    }

    private void Close()
    {
        lock (_gate)
        {
            IsClosed = true;
            foreach ((_, TaskCompletionSource<byte[]> reply) in _inFlight.Values)
            {
                reply.TrySetException(new IOException($"the connection to {Server} was closed"));
            }
        }

        _idle.Dispose();
        _forget(this);
    }
}
