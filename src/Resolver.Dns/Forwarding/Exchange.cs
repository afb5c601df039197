// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Resolver.Dns.Answering;

namespace Resolver.Dns.Forwarding;

/// <summary>One question to one upstream: a fresh socket (a fresh port), a random id (RFC 5452 §9.2), TCP when the reply is truncated.</summary>
internal static class Exchange
{
    private const int MaxDatagramBytes = 4096;

    /// <summary>Asks and returns the reply, whatever its rcode.</summary>
    /// <param name="upstream">Who is asked.</param>
    /// <param name="template">The question, with any id.</param>
    /// <param name="cancellation">The caller has its answer, or the time is over.</param>
    /// <exception cref="SocketException">The upstream cannot be reached.</exception>
    /// <exception cref="IOException">The upstream broke the connection off.</exception>
    /// <exception cref="OperationCanceledException">As the caller wished.</exception>
    internal static async Task<byte[]> AskAsync(IPEndPoint upstream, ReadOnlyMemory<byte> template, CancellationToken cancellation)
    {
        byte[] question = template.ToArray();
        RandomNumberGenerator.Fill(question.AsSpan(0, sizeof(ushort)));
        byte[] reply = await AskByDatagramAsync(upstream, question, cancellation).ConfigureAwait(false);
        return ForwardedMessages.Outcome(reply).IsTruncated
            ? await AskByStreamAsync(upstream, question, cancellation).ConfigureAwait(false)
            : reply;
    }

    private static async Task<byte[]> AskByDatagramAsync(IPEndPoint upstream, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        // Connected: the kernel drops what others send, and reports the upstream's ICMP errors.
        using Socket socket = new(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(upstream, cancellation).ConfigureAwait(false);
        await socket.SendAsync(question, cancellation).ConfigureAwait(false);
        byte[] buffer = new byte[MaxDatagramBytes];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (ForwardedMessages.IsReplyTo(question.Span, buffer.AsSpan(0, length)))
            {
                return buffer.AsSpan(0, length).ToArray();
            }
        }
    }

    private static async Task<byte[]> AskByStreamAsync(IPEndPoint upstream, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        using Socket socket = new(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(upstream, cancellation).ConfigureAwait(false);
        await using NetworkStream stream = new(socket);

        byte[] framed = new byte[sizeof(ushort) + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Length);
        question.CopyTo(framed.AsMemory(sizeof(ushort)));
        await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);

        byte[] prefix = new byte[sizeof(ushort)];
        while (true)
        {
            await stream.ReadExactlyAsync(prefix, cancellation).ConfigureAwait(false);
            byte[] reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
            await stream.ReadExactlyAsync(reply, cancellation).ConfigureAwait(false);
            if (ForwardedMessages.IsReplyTo(question.Span, reply))
            {
                return reply;
            }
        }
    }
}
