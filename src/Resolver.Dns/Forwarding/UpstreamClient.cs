// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Resolver.Core.Networks;
using Resolver.Dns.Answering;
using Resolver.Dns.Forwarding.Datagrams;
using Resolver.Dns.Forwarding.Encrypted;
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

    /// <summary>True if a reply is all that there is to learn: not truncated, not a failure, and with nothing to take out.</summary>
    internal static bool IsOrdinary(ReadOnlySpan<byte> question, ReadOnlySpan<byte> reply) =>
        reply.Length >= MessageHeader.LengthBytes && (reply[2] & MessageHeader.TruncatedBit) == 0
        && ForwardedMessages.IsAnswer(reply) && !IsLame(reply) && !DnssecRecords.AreUnwantedIn(question, reply);

    /// <summary>Asks; returns the whole reply, whatever its rcode, or null if it was malformed.</summary>
    /// <param name="server">Who is asked.</param>
    /// <param name="question">The question, with any id.</param>
    /// <param name="cancellation">The caller has its answer, or the time is over.</param>
    /// <param name="headStart">The same question, if it has been asked there by UDP already.</param>
    internal async Task<byte[]?> AskAsync(
        UpstreamServer server, ReadOnlyMemory<byte> question, CancellationToken cancellation, OutstandingQuestion? headStart = null)
    {
        long asked = headStart?.Asked ?? timeProvider.GetTimestamp();
        byte[] reply = server.Upstream.Protocol switch
        {
            UpstreamProtocol.Tls => await _tls.AskAsync(server, question, cancellation).ConfigureAwait(false),
            UpstreamProtocol.Https => await _https.AskAsync(server, question, cancellation).ConfigureAwait(false),
            _ => await AskPlainAsync(server, question, headStart, cancellation).ConfigureAwait(false),
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

        return isWellFormed ? DnssecRecords.TakeOut(question.Span, LameAsFailure(reply)) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync().ConfigureAwait(false);
        _https.Dispose();
    }

    private async Task<byte[]> AskPlainAsync(
        UpstreamServer server, ReadOnlyMemory<byte> question, OutstandingQuestion? headStart, CancellationToken cancellation)
    {
        UpstreamHabits habits = health.HabitsOf(server);
        if (headStart is null && habits.HasFlag(UpstreamHabits.RefusesEdns))
        {
            return await Exchange.AskByDatagramAsync(server, WithoutOpt(question.Span), cancellation).ConfigureAwait(false);
        }

        bool isMixed = headStart is null && options.RandomizesCase && !habits.HasFlag(UpstreamHabits.ChangesCase);
        byte[] asked = question.ToArray();
        if (isMixed)
        {
            MixedCase.Mix(asked);
        }

        byte[] reply = headStart is null
            ? await Exchange.AskByDatagramAsync(server, asked, cancellation).ConfigureAwait(false)
            : await headStart.ReplyAsync(cancellation).ConfigureAwait(false);
        if (isMixed && !MixedCase.IsRepeated(asked, reply))
        {
            // A forgery, or a server that changes the case. TCP can't be forged from afar, so its reply tells.
            reply = await Exchange.AskByStreamAsync(server, asked, cancellation).ConfigureAwait(false);
            if (!MixedCase.IsRepeated(asked, reply))
            {
                health.Note(server, UpstreamHabits.ChangesCase);
            }
        }

        if (isMixed)
        {
            MixedCase.TakeOut(question.Span, reply);
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

    // No recursion, no authority and nothing found, as glibc and Go tell it: a referral, or nothing at all, from a server that does not answer for
    // others. With our RA it would look like a name without addresses.
    private static bool IsLame(ReadOnlySpan<byte> reply) =>
        (reply[2] & (MessageHeader.AuthoritativeBit | MessageHeader.TruncatedBit)) == 0
        && (reply[3] & (MessageHeader.RecursionAvailableBit | MessageHeader.RcodeMask)) == 0 && MessageHeader.AnswerCount(reply) == 0;

    private static byte[] LameAsFailure(byte[] reply)
    {
        if (IsLame(reply))
        {
            reply[3] |= ServerFailure;
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

    private static bool IsWellFormed(ReadOnlySpan<byte> question, byte[] reply)
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ushort.MaxValue);
        Span<byte> written = scratch.AsSpan(0, ushort.MaxValue);
        bool isWellFormed = ForwardedMessages.TryWriteClientReply(question, reply, written, isStream: true, out _);
        ArrayPool<byte>.Shared.Return(scratch);
        return isWellFormed;
    }
}
