// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Resolver.Dns.Answering;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// One question to one upstream in clear text. Each has a socket and so a random port of its own, and a random id (RFC 5452 §9.2): a forger
/// has to guess both. What does not match is passed over, for to fail by it would let anyone cut questions off.
/// </summary>
/// <remarks>
/// The methods throw <see cref="SocketException"/> if the upstream cannot be reached, <see cref="IOException"/> if it broke the connection
/// off, <see cref="OperationCanceledException"/> if the caller wished so.
/// </remarks>
internal static class Exchange
{
    private const int MaxDatagramBytes = 4096;
    private const int FormatError = 1;
    private const int ServerFailure = 2;
    private const int NotImplemented = 4;
    private const int Refused = 5;

    /// <summary>Asks by UDP and returns the reply, whatever its rcode, truncated or not.</summary>
    /// <param name="server">Who is asked.</param>
    /// <param name="template">The question, with any id.</param>
    /// <param name="cancellation">The caller has its answer, or the time is over.</param>
    internal static async Task<byte[]> AskByDatagramAsync(
        UpstreamServer server, ReadOnlyMemory<byte> template, CancellationToken cancellation)
    {
        byte[] question = WithFreshId(template.Span);
        // Connected: the kernel drops what others send, and reports the upstream's ICMP errors.
        using Socket socket = server.OpenSocket(SocketType.Dgram);
        await socket.ConnectAsync(server.Upstream.EndPoint, cancellation).ConfigureAwait(false);
        await socket.SendAsync(question, cancellation).ConfigureAwait(false);
        byte[] buffer = new byte[MaxDatagramBytes];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (IsAnswerTo(question, buffer.AsSpan(0, length)))
            {
                return buffer.AsSpan(0, length).ToArray();
            }
        }
    }

    /// <summary>Asks by TCP and returns the reply, whatever its rcode.</summary>
    /// <param name="server">Who is asked.</param>
    /// <param name="template">The question, with any id.</param>
    /// <param name="cancellation">The caller has its answer, or the time is over.</param>
    internal static async Task<byte[]> AskByStreamAsync(
        UpstreamServer server, ReadOnlyMemory<byte> template, CancellationToken cancellation)
    {
        byte[] question = WithFreshId(template.Span);
        using Socket socket = server.OpenSocket(SocketType.Stream);
        socket.NoDelay = true;
        await socket.ConnectAsync(server.Upstream.EndPoint, cancellation).ConfigureAwait(false);
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync(Framed(question), cancellation).ConfigureAwait(false);
        while (true)
        {
            byte[] reply = await ReadFramedAsync(stream, cancellation).ConfigureAwait(false);
            if (IsAnswerTo(question, reply))
            {
                return reply;
            }
        }
    }

    /// <summary>A message with the two octets of its length in front (RFC 1035 §4.2.2).</summary>
    internal static byte[] Framed(ReadOnlySpan<byte> message)
    {
        byte[] framed = new byte[sizeof(ushort) + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsSpan(sizeof(ushort)));
        return framed;
    }

    /// <summary>The next message of a stream.</summary>
    internal static async Task<byte[]> ReadFramedAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] prefix = new byte[sizeof(ushort)];
        await stream.ReadExactlyAsync(prefix, cancellation).ConfigureAwait(false);
        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(message, cancellation).ConfigureAwait(false);
        return message;
    }

    /// <summary>True for a reply to this question, or for an error without one.</summary>
    internal static bool IsAnswerTo(ReadOnlySpan<byte> question, ReadOnlySpan<byte> received) =>
        ForwardedMessages.IsReplyTo(question, received) || IsBareError(question, received);

    private static byte[] WithFreshId(ReadOnlySpan<byte> template)
    {
        byte[] question = template.ToArray();
        RandomNumberGenerator.Fill(question.AsSpan(0, sizeof(ushort)));
        return question;
    }

    /// <summary>
    /// True for an error without the question, which servers send that did not read so far: an answer, for they will send no other. Only
    /// errors, so that a forger who need not guess the question can at most send us to the next upstream.
    /// </summary>
    private static bool IsBareError(ReadOnlySpan<byte> question, ReadOnlySpan<byte> received)
    {
        const byte CheckedBits = MessageHeader.ReplyBit | MessageHeader.OpcodeMask;
        return received.Length >= MessageHeader.LengthBytes && received[..2].SequenceEqual(question[..2])
            && (received[2] & CheckedBits) == MessageHeader.ReplyBit && MessageHeader.QuestionCount(received) == 0
            && ForwardedMessages.Outcome(received).Rcode is (FormatError or ServerFailure or NotImplemented or Refused);
    }
}
