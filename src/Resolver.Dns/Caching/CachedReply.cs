// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Answering;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Caching;

/// <summary>An upstream's reply, kept. Immutable but for two marks: that it is being asked for again, and that this failed.</summary>
internal sealed class CachedReply
{
    /// <summary>The TTL of what is given though it is over (RFC 8767 §4).</summary>
    private const uint StaleTtlSeconds = 30;

    private const int OverheadBytes = 200;
    private const int LongestPrefetchSeconds = 10;

    // RFC 8914 §4.4, §4.14, §4.20.
    private const ushort StaleAnswer = 3;
    private const ushort CachedError = 13;
    private const ushort StaleNxDomain = 19;

    private readonly byte[] _reply;
    private readonly int _rcode;
    private readonly UpstreamSections _sections;
    private readonly ushort[] _ttlOffsets;
    private readonly RotatableRun _rotatable;
    private readonly uint _lifetimeSeconds;
    private int _isRefreshing;
    private long _failedAt;

    private CachedReply(byte[] key, byte[] reply, UpstreamSections sections, in ReplyLifetime lifetime, long storedAt)
    {
        Key = key;
        _reply = reply;
        _rcode = reply[3] & MessageHeader.RcodeMask;
        _sections = sections;
        _ttlOffsets = lifetime.TtlOffsets;
        _lifetimeSeconds = lifetime.Seconds;
        _rotatable = RotatableRun.Of(reply, sections.Start);
        StoredAt = storedAt;
    }

    internal byte[] Key { get; }

    /// <summary>A timestamp of the clock that <see cref="IsFresh"/> is asked with.</summary>
    internal long StoredAt { get; }

    /// <summary>When upstreams failed to give a newer one; null if they have not.</summary>
    internal long? FailedAt
    {
        get => Volatile.Read(ref _failedAt) is var failed && failed != 0 ? failed : null;
        set => Volatile.Write(ref _failedAt, value ?? 0);
    }

    /// <summary>What it takes of the cache's bound.</summary>
    internal int SizeBytes => Key.Length + _reply.Length + (_ttlOffsets.Length * sizeof(ushort)) + OverheadBytes;

    /// <summary>Makes an entry of a reply; null if it may not be kept.</summary>
    /// <param name="key">The question's key; rewritten for every type if the name does not exist.</param>
    /// <param name="type">What was asked for.</param>
    /// <param name="questionEnd">Behind the question.</param>
    /// <param name="reply">The upstream's message.</param>
    /// <param name="now">A timestamp.</param>
    internal static CachedReply? TryMake(byte[] key, ushort type, int questionEnd, ReadOnlySpan<byte> reply, long now)
    {
        UpstreamSections sections = default;
        if (!sections.TryMeasure(reply, questionEnd))
        {
            return null;
        }

        // OPT speaks of one exchange only (RFC 6891 §6.2.1).
        ReplyLifetime lifetime = ReplyLifetime.Of(reply[..sections.End], questionEnd, type);
        if (lifetime.Seconds == 0 || HasNamesThatChange(reply, questionEnd, in lifetime))
        {
            return null;
        }

        byte[] kept = key;
        if (lifetime.IsMissingName)
        {
            kept = (byte[])key.Clone();
            CacheKey.ForEveryType(kept);
        }

        return new CachedReply(kept, reply[..sections.End].ToArray(), sections, in lifetime, now);
    }

    // TTLs count down and addresses move round, so that no name may lead into either: it would be another, or none, every time. Only who means
    // harm writes such pointers. They are found by making both unreadable.
    private static bool HasNamesThatChange(ReadOnlySpan<byte> reply, int questionEnd, in ReplyLifetime lifetime)
    {
        const byte NoLabel = 0x80; // RFC 1035 §4.1.4: reserved
        byte[] marked = reply.ToArray();
        foreach (ushort offset in lifetime.TtlOffsets)
        {
            marked.AsSpan(offset, sizeof(uint)).Fill(NoLabel);
        }

        RotatableRun.Of(reply, questionEnd).FillAddresses(marked, NoLabel);
        UpstreamSections sections = default;
        return !sections.TryMeasure(marked, questionEnd);
    }

    /// <summary>True while its lowest TTL has not run out.</summary>
    internal bool IsFresh(TimeSpan age) => age.TotalSeconds < _lifetimeSeconds;

    /// <summary>True if it ran out no longer ago than that, and is no failure.</summary>
    internal bool IsWithin(TimeSpan age, TimeSpan stale) =>
        age.TotalSeconds < _lifetimeSeconds + stale.TotalSeconds && _rcode != Rcodes.ServFail;

    /// <summary>
    /// True for one caller, once, when the last tenth of its time has begun. Not for a failure: it would be renewed for as long as somebody asks,
    /// and what mended it, or a loop that was found meanwhile, would never be seen.
    /// </summary>
    internal bool TryClaimRefresh(TimeSpan age)
    {
        double left = _lifetimeSeconds - age.TotalSeconds;
        return _rcode != Rcodes.ServFail && left <= Math.Min(_lifetimeSeconds * 0.1, LongestPrefetchSeconds) && Volatile.Read(ref _isRefreshing) == 0
            && Interlocked.Exchange(ref _isRefreshing, 1) == 0;
    }

    /// <summary>Writes the client's reply: its id, question and OPT, TTLs counted down, addresses rotated.</summary>
    /// <param name="message">The client's message.</param>
    /// <param name="question">The same, parsed.</param>
    /// <param name="age">Time since it was stored.</param>
    /// <param name="rotation">Any number that changes from question to question.</param>
    /// <param name="reply">Where it goes.</param>
    /// <param name="isStream">True for TCP.</param>
    /// <returns>The reply's length.</returns>
    internal int Write(ReadOnlySpan<byte> message, in Question question, TimeSpan age, uint rotation, Span<byte> reply, bool isStream)
    {
        int length = ForwardedMessages.WriteClientReply(message, in question, _reply, in _sections, reply, isStream, out int end);
        _rotatable.Rotate(_reply, reply, end, rotation);
        bool isStale = !IsFresh(age);
        uint passed = (uint)age.TotalSeconds;
        foreach (ushort offset in _ttlOffsets)
        {
            if (offset >= end)
            {
                break;
            }

            Span<byte> field = reply[offset..];
            uint ttl = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(field), ReplyLifetime.MaxTtlSeconds);
            BinaryPrimitives.WriteUInt32BigEndian(field, isStale ? StaleTtlSeconds : ttl - Math.Min(ttl, passed));
        }

        int withError = end + Edns.ExtendedErrorLengthBytes;
        if ((isStale || _rcode == Rcodes.ServFail) && question.HasOpt && withError <= reply.Length && (isStream || withError <= question.UdpPayloadBytes))
        {
            length = end + Edns.AppendExtendedError(reply[end..], ExtendedError, []);
        }

        return length;
    }

    private ushort ExtendedError => _rcode switch
    {
        Rcodes.ServFail => CachedError,
        Rcodes.NxDomain => StaleNxDomain,
        _ => StaleAnswer,
    };
}
