// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Security.Cryptography;
using Resolver.Core.Networks;
using Resolver.Dns.Answering;
using Resolver.Dns.Serving;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Forwarding;

/// <summary>
/// Asks one server one question, by its protocol and by what is known of its habits; tells the health of what it learns. Thread-safe.
/// The methods throw as <see cref="Exchange"/> does.
/// </summary>
internal sealed class UpstreamClient(DnsServiceOptions options, UpstreamHealth health, TimeProvider timeProvider) : IAsyncDisposable
{
    private const int FormatError = 1;
    private const int ServerFailure = 2;
    private const int NotImplemented = 4;
    private const int Refused = 5;

    private readonly TlsUpstreams _tls = new(timeProvider);
    private readonly HttpsUpstreams _https = new();

    /// <summary>True if a reply says something about the name, not about the upstream.</summary>
    internal static bool IsAboutTheName(ReadOnlySpan<byte> reply) =>
        ForwardedMessages.Outcome(reply).Rcode is not (FormatError or ServerFailure or NotImplemented or Refused);

    /// <summary>Asks; returns the whole reply, whatever its rcode, or null if it was malformed.</summary>
    internal async Task<byte[]?> AskAsync(UpstreamServer server, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        long asked = timeProvider.GetTimestamp();
        byte[] reply = server.Upstream.Protocol switch
        {
            UpstreamProtocol.Tls => await _tls.AskAsync(server, question, cancellation).ConfigureAwait(false),
            UpstreamProtocol.Https => await _https.AskAsync(server, question, cancellation).ConfigureAwait(false),
            _ => await AskPlainAsync(server, question, cancellation).ConfigureAwait(false),
        };

        bool isTruncated = ForwardedMessages.Outcome(reply).IsTruncated;
        bool isWellFormed = IsWellFormed(question.Span, reply);

        // Before TCP is tried, which may fail for reasons of its own. Who refuses at once is not the fastest.
        health.Answered(server, isTruncated || (isWellFormed && IsAboutTheName(reply)) ? timeProvider.GetElapsedTime(asked) : null);
        if (isTruncated && server.Upstream.Protocol == UpstreamProtocol.Plain)
        {
            reply = await Exchange.AskByStreamAsync(server, question, cancellation).ConfigureAwait(false);
            isWellFormed = IsWellFormed(question.Span, reply);
        }

        return isWellFormed ? reply : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync().ConfigureAwait(false);
        _https.Dispose();
    }

    private async Task<byte[]> AskPlainAsync(UpstreamServer server, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        UpstreamHabits habits = health.HabitsOf(server);
        if (habits.HasFlag(UpstreamHabits.RefusesEdns))
        {
            return await Exchange.AskByDatagramAsync(server, WithoutOpt(question.Span), cancellation).ConfigureAwait(false);
        }

        bool isMixed = options.RandomizesCase && !habits.HasFlag(UpstreamHabits.ChangesCase);
        byte[] asked = question.ToArray();
        if (isMixed)
        {
            MixCase(asked);
        }

        byte[] reply = await Exchange.AskByDatagramAsync(server, asked, cancellation).ConfigureAwait(false);
        if (isMixed && !HasCaseOf(asked, reply))
        {
            // A forgery, or a server that changes the case. TCP can't be forged from afar, so its reply tells.
            reply = await Exchange.AskByStreamAsync(server, asked, cancellation).ConfigureAwait(false);
            if (!HasCaseOf(asked, reply))
            {
                health.Note(server, UpstreamHabits.ChangesCase);
            }
        }

        // RFC 6891 §7: some old servers answer FORMERR to what they do not know. Who knows EDNS answers with OPT.
        if (ForwardedMessages.Outcome(reply).Rcode == FormatError && MessageHeader.AdditionalCount(reply) == 0
            && MessageHeader.AdditionalCount(question.Span) > 0)
        {
            reply = await Exchange.AskByDatagramAsync(server, WithoutOpt(question.Span), cancellation).ConfigureAwait(false);
            if (ForwardedMessages.Outcome(reply).Rcode != FormatError)
            {
                health.Note(server, UpstreamHabits.RefusesEdns);
            }
        }

        return reply;
    }

    // Our questions end with an OPT without options.
    private static byte[] WithoutOpt(ReadOnlySpan<byte> question)
    {
        byte[] bare = question[..^Edns.OptLengthBytes].ToArray();
        MessageHeader.SetCounts(bare, 1, 0, 0, 0);
        return bare;
    }

    // draft-vixie-dnsext-dns0x20: one bit per letter more for a forger to guess.
    private static void MixCase(Span<byte> question)
    {
        Span<byte> bits = stackalloc byte[WireNames.MaxLengthBytes];
        RandomNumberGenerator.Fill(bits);
        Span<byte> name = NameIn(question);
        for (int i = 0; i < name.Length; i++)
        {
            byte folded = WireNames.Fold(name[i]);
            name[i] = (uint)(folded - 'a') <= 'z' - 'a' && (bits[i] & 1) != 0 ? (byte)(folded & ~0x20) : folded;
        }
    }

    private static Span<byte> NameIn(Span<byte> question) =>
        WireNames.TryPassPlain(question, MessageHeader.LengthBytes, out int end) ? question[MessageHeader.LengthBytes..end] : default;

    // An error without a question has no case to compare.
    private static bool HasCaseOf(Span<byte> asked, ReadOnlySpan<byte> reply)
    {
        int length = NameIn(asked).Length;
        return MessageHeader.QuestionCount(reply) == 0
            || asked.Slice(MessageHeader.LengthBytes, length).SequenceEqual(reply.Slice(MessageHeader.LengthBytes, length));
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> question, byte[] reply)
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        Span<byte> written = scratch.AsSpan(0, ushort.MaxValue);
        bool isWellFormed = ForwardedMessages.TryWriteClientReply(question, reply, written, isStream: true, out _);
        ArrayPool<byte>.Shared.Return(scratch);
        return isWellFormed;
    }
}
