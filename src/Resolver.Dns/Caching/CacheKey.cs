// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Dns.Forwarding;
using Resolver.Dns.Serving;
using Resolver.Dns.Wire;

namespace Resolver.Dns.Caching;

/// <summary>
/// What makes two forwarded questions the same: name whatever its case, type, class, DO, CD and the upstreams that are asked. Anything less
/// mixes answers that differ (CD and class are known traps of other caches).
/// <code>name(1..255) | type(2) | class(2) | flags(1) | sandbox(8) | upstreams(16)</code>
/// The sandbox is 0 for upstreams that are dialled from the host, so that all sandboxes share what those said.
/// </summary>
internal static class CacheKey
{
    internal const int MaxLengthBytes = WireNames.MaxLengthBytes + TailLengthBytes;

    /// <summary>The type under which a name that does not exist is kept: it is missing for every type (RFC 2308 §5).</summary>
    internal const ushort EveryType = 0;

    private const byte DnssecOkFlag = 1;
    private const byte CheckingDisabledFlag = 2;
    private const int TailLengthBytes = 13 + UpstreamSet.IdLengthBytes;

    /// <summary>Writes the key of a question; returns its length.</summary>
    internal static int Write(ReadOnlySpan<byte> message, in Question question, UpstreamSet upstreams, SandboxContext? sandbox, Span<byte> key)
    {
        ReadOnlySpan<byte> name = question.Name;
        for (int i = 0; i < name.Length; i++)
        {
            key[i] = WireNames.Fold(name[i]);
        }

        Span<byte> tail = key[name.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(tail, question.Type);
        BinaryPrimitives.WriteUInt16BigEndian(tail[2..], question.Class);
        tail[4] = (byte)((question.DnssecOk ? DnssecOkFlag : 0) | ((message[3] & MessageHeader.CheckingDisabledBit) != 0 ? CheckingDisabledFlag : 0));
        BinaryPrimitives.WriteInt64LittleEndian(tail[5..], upstreams.IsOfSandbox && sandbox is not null ? sandbox.Number : 0);
        upstreams.Id.CopyTo(tail[13..]);
        return name.Length + TailLengthBytes;
    }

    /// <summary>Makes a question's key the key of its name for every type.</summary>
    internal static void ForEveryType(Span<byte> key) => BinaryPrimitives.WriteUInt16BigEndian(key[^TailLengthBytes..], EveryType);

    /// <summary>The folded name in a key, with its zero.</summary>
    internal static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> key) => key[..^TailLengthBytes];

    /// <summary>True if a key belongs to these upstreams.</summary>
    internal static bool IsOf(ReadOnlySpan<byte> key, UpstreamSet upstreams) => key[^UpstreamSet.IdLengthBytes..].SequenceEqual(upstreams.Id);
}
