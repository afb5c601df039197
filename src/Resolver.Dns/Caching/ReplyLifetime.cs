// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Caching;

/// <summary>How long an upstream's reply may be kept, and where its TTLs are (RFC 2308 §5, RFC 2181 §8, RFC 8767 §4).</summary>
internal struct ReplyLifetime
{
    /// <summary>A day: nobody should rely on more.</summary>
    internal const uint MaxTtlSeconds = 86400;

    private const uint MaxNegativeTtlSeconds = 3600;
    private const uint FailureTtlSeconds = 2;
    private const int SoaMinimumLengthBytes = 4;

    private uint _ttl;
    private uint? _negativeTtl;
    private bool _hasAnswer;

    /// <summary>Whole seconds; 0 for not at all.</summary>
    internal uint Seconds { get; private set; }

    /// <summary>True if the name does not exist at all, so that every type of it is answered.</summary>
    internal bool IsMissingName { get; private set; }

    /// <summary>Where the TTL of each RR before OPT stands, in octets from the start of the message.</summary>
    internal ushort[] TtlOffsets { get; private set; }

    /// <summary>Reads a reply whose RRs were found well-formed.</summary>
    /// <param name="reply">Without OPT.</param>
    /// <param name="questionEnd">Behind its question.</param>
    /// <param name="type">What was asked for.</param>
    internal static ReplyLifetime Of(ReadOnlySpan<byte> reply, int questionEnd, ushort type)
    {
        ReplyLifetime lifetime = new() { _ttl = MaxTtlSeconds, TtlOffsets = [] };
        int rcode = reply[3] & MessageHeader.RcodeMask;
        bool isTruncated = (reply[2] & MessageHeader.TruncatedBit) != 0;
        if (isTruncated || rcode is not (Rcodes.NoError or Rcodes.NxDomain or Rcodes.ServFail))
        {
            return lifetime;
        }

        lifetime.Walk(reply, questionEnd, type);
        lifetime.Seconds = rcode == Rcodes.ServFail ? FailureTtlSeconds : lifetime.Lasting(rcode);
        lifetime.IsMissingName = rcode == Rcodes.NxDomain && MessageHeader.AnswerCount(reply) == 0 && lifetime.Seconds > 0;
        return lifetime;
    }

    // A negative answer without SOA says nothing about how long it holds.
    private readonly uint Lasting(int rcode) =>
        rcode == Rcodes.NoError && _hasAnswer ? _ttl : Math.Min(_ttl, _negativeTtl ?? 0);

    private void Walk(ReadOnlySpan<byte> reply, int questionEnd, ushort type)
    {
        List<ushort> offsets = [];
        RrReader reader = new(reply, questionEnd);
        int answers = MessageHeader.AnswerCount(reply);
        int authorities = answers + MessageHeader.AuthorityCount(reply);
        for (int i = 0; reader.Position < reply.Length && reader.TryPass(); i++)
        {
            uint ttl = Capped(reader.Ttl);
            offsets.Add((ushort)(reader.Position - reader.Rdata.Length - 6));
            if (i < authorities)
            {
                _ttl = Math.Min(_ttl, ttl);
            }

            _hasAnswer |= i < answers && (reader.Type == type || type == RrTypes.Any);
            if (i >= answers && i < authorities && reader.Type == RrTypes.Soa && reader.Rdata.Length >= SoaMinimumLengthBytes)
            {
                uint minimum = Capped(BinaryPrimitives.ReadUInt32BigEndian(reader.Rdata[^SoaMinimumLengthBytes..]));
                _negativeTtl = Math.Min(Math.Min(ttl, minimum), MaxNegativeTtlSeconds);
            }
        }

        TtlOffsets = [.. offsets];
    }

    // With the top bit set a TTL is no negative number but a very long one (RFC 8767 §4).
    private static uint Capped(uint ttl) => Math.Min(ttl, MaxTtlSeconds);
}
