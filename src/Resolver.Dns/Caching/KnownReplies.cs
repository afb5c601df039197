// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Resolver.Dns.Answering;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Caching;

/// <summary>What upstreams said, and when it may still be told. Thread-safe.</summary>
/// <param name="maxBytes">The bound of the cache.</param>
/// <param name="serveStale">How long after its end a reply may be given when no upstream answers.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class KnownReplies(long maxBytes, TimeSpan serveStale, TimeProvider timeProvider)
{
    /// <summary>How long upstreams that failed are left alone while there is a stale answer to give (RFC 8767 §5).</summary>
    private static readonly TimeSpan FailureRecheck = TimeSpan.FromSeconds(30);

    internal ReplyCache Cache { get; } = new(maxBytes);

    /// <summary>Finds a reply, however old: under the name and the type, else under the name alone, where names that do not exist are kept.</summary>
    internal bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out CachedReply? kept, out TimeSpan age)
    {
        if (Cache.TryFind(key, out kept))
        {
            age = timeProvider.GetElapsedTime(kept.StoredAt);
            if (kept.IsFresh(age))
            {
                return true;
            }
        }

        Span<byte> everyType = stackalloc byte[CacheKey.MaxLengthBytes];
        key.CopyTo(everyType);
        everyType = everyType[..key.Length];
        CacheKey.ForEveryType(everyType);
        if (Cache.TryFind(everyType, out CachedReply? missing) && (kept is null || missing.StoredAt > kept.StoredAt))
        {
            kept = missing;
        }

        age = kept is null ? default : timeProvider.GetElapsedTime(kept.StoredAt);
        return kept is not null;
    }

    /// <summary>Finds a reply that may be told at once.</summary>
    internal bool TryFindForNow(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, [NotNullWhen(true)] out CachedReply? kept, out TimeSpan age) =>
        TryFind(key, out kept, out age) && (kept.IsFresh(age) || MayServeStaleAtOnce(message, kept, age));

    /// <summary>Finds a reply that may be told when no upstream answers.</summary>
    internal CachedReply? FindForNeed(ReadOnlySpan<byte> key) => TryFind(key, out CachedReply? kept, out TimeSpan age) && kept.IsWithin(age, serveStale) ? kept : null;

    /// <summary>True if the client may be given a stale reply: who wants no recursion wants to know what is known (RFC 8767 §4).</summary>
    internal static bool MayServeStale(ReadOnlySpan<byte> message) => (message[2] & MessageHeader.RecursionDesiredBit) != 0;

    /// <summary>Keeps a reply. A failure leaves what was known (RFC 8767 §4); it is remembered only where nothing was.</summary>
    /// <param name="key">The question's key.</param>
    /// <param name="asked">The question.</param>
    /// <param name="reply">What was heard.</param>
    /// <param name="old">What was known.</param>
    internal void Keep(byte[] key, ReadOnlySpan<byte> asked, ReadOnlySpan<byte> reply, CachedReply? old)
    {
        long now = timeProvider.GetTimestamp();
        Question question = default;
        if (old is not null && !ForwardedMessages.IsAnswer(reply))
        {
            old.FailedAt = now;
        }
        else if (question.Parse(asked) == QuestionProblem.None && CachedReply.TryMake(key, question.Type, question.End, reply, now) is { } entry)
        {
            Cache.Keep(entry);
        }
    }

    private bool MayServeStaleAtOnce(ReadOnlySpan<byte> message, CachedReply kept, TimeSpan age) =>
        MayServeStale(message) && kept.FailedAt is { } failed && timeProvider.GetElapsedTime(failed) < FailureRecheck && kept.IsWithin(age, serveStale);
}
