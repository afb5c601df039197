// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Resolver.Dns.Answering;

namespace Resolver.Dns.Serving;

/// <summary>What <see cref="DnsCounters"/> sums: one cell per counted thing and thread group, each in its own cache line.</summary>
internal sealed class DnsCounts
{
    private const int Stripes = 8;
    private const int FormatError = 1;
    private const int NotImplemented = 4;

    private readonly Cell[] _cells = new Cell[Stripes * (int)Counted.Count];

    internal enum Counted
    {
        Question,
        LocalAnswer,
        Forwarded,
        ForwardingFailure,
        Refused,
        Malformed,
        CacheHit,
        CacheMiss,
        StaleAnswer,
        Count,
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(Counted counted)
    {
        int stripe = Environment.CurrentManagedThreadId % Stripes;
        Interlocked.Increment(ref _cells[(stripe * (int)Counted.Count) + (int)counted].Value);
    }

    /// <summary>Counts what became of a received message.</summary>
    internal void Add(AnswerVerdict verdict, ReadOnlySpan<byte> reply)
    {
        if (verdict == AnswerVerdict.Drop)
        {
            Add(Counted.Malformed);
            return;
        }

        Add(Counted.Question);
        if (verdict == AnswerVerdict.Reply)
        {
            Add(ForwardedMessages.Outcome(reply).Rcode is FormatError or NotImplemented ? Counted.Malformed : Counted.LocalAnswer);
        }
    }

    internal DnsCounters Sum() => new(
        Of(Counted.Question), Of(Counted.LocalAnswer), Of(Counted.Forwarded),
        Of(Counted.ForwardingFailure), Of(Counted.Refused), Of(Counted.Malformed))
    {
        CacheHits = Of(Counted.CacheHit),
        CacheMisses = Of(Counted.CacheMiss),
        StaleAnswers = Of(Counted.StaleAnswer),
    };

    private long Of(Counted counted)
    {
        long sum = 0;
        for (int stripe = 0; stripe < Stripes; stripe++)
        {
            sum += Interlocked.Read(ref _cells[(stripe * (int)Counted.Count) + (int)counted].Value);
        }

        return sum;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Cell
    {
        [FieldOffset(0)]
        internal long Value;
    }
}
