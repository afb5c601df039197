// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Resolver.Fuzzing.Targets;

namespace Resolver.Fuzzing;

/// <summary>Replies as upstreams and forgers send them, behind the octet of settings. Each answers one of <see cref="FuzzedQuestions.Outside"/>.</summary>
internal static class ReplySeeds
{
    private const int Www = 0;
    private const int WwwOpt = 1;
    private const int Dnssec = 2;
    private const int Text = 3;
    private const int Service = 4;
    private const int Https = 6;
    private const int LongName = 7;

    private static readonly byte[] ExampleOrg = FuzzedQuestions.Name("example.org");

    internal static IEnumerable<(string Name, byte[] Octets)> All() => Good().Concat(Headers()).Concat(Rdatas()).Concat(Names())
        .Select(seed => (seed.Name, Seed(seed)));

    private static IEnumerable<Reply> Good() =>
    [
        new("a", Www, [A(60, 1)]),
        new("rotating", WwwOpt, [A(60, 1), A(60, 2), A(60, 3)], Opt: true),
        new("cname", WwwOpt, [Rr(5, 30, ExampleOrg), Rr(1, 60, [192, 0, 2, 1], Pointer(45))], Opt: true),
        new("no-data", Www, [], [Soa(300)]),
        new("no-name", WwwOpt, [], [Soa(300)], Rcode: 3, Opt: true),
        new("signed", Dnssec, [Rr(28, 60, new byte[16]), Rr(46, 60, [0, 28, 8, 2, .. new byte[14], .. ExampleOrg, 1, 2, 3])], Opt: true),
        new("text", Text, [Rr(16, 60, [3, 97, 98, 99, 0]), Rr(16, 60, [.. Enumerable.Repeat((byte)250, 251)]), Rr(16, 60, [.. Enumerable.Repeat((byte)250, 251)])]),
        new("service", Service, [Rr(33, 60, [0, 1, 0, 2, 0, 80, .. ExampleOrg])], Opt: true),
        new("https", Https, [Rr(65, 60, [0, 1, 0, 0, 1, 0, 3, 2, 104, 50])]),
        new("long-name", LongName, [A(60, 1)], Opt: true),
        new("old-ttls", Www, [A(0, 1), A(0x80000000, 2), A(uint.MaxValue, 3)], Age: 3),
        new("additional", WwwOpt, [A(60, 1)], [Rr(2, 60, ExampleOrg)], [Rr(1, 60, [192, 0, 2, 1], ExampleOrg)], Opt: true, Age: 2),
        new("more-than-a-datagram", Www, [.. Enumerable.Range(0, 100).Select(i => A(60, (byte)i))]),
        new("stale", WwwOpt, [A(60, 1)], Opt: true, Age: 3),
    ];

    private static IEnumerable<Reply> Headers() =>
    [
        new("truncated", Www, [A(60, 1)], Flags: 0x83),
        new("authoritative", Www, [A(60, 1)], Flags: 0x84),
        new("another-opcode", Www, [A(60, 1)], Flags: 0xA8),
        new("no-reply", Www, [A(60, 1)], Flags: 0x01),
        new("servfail", WwwOpt, [], Rcode: 2, Opt: true),
        new("refused", Www, [], Rcode: 5),
        new("yxdomain", Www, [], Rcode: 6),
        new("bad-version", WwwOpt, [], Opt: true, ExtendedRcode: 1),
        new("65535-answers", Www, [A(60, 1)], AnswerCount: 65535),
        new("opt-as-answer", Www, [[0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]]),
        new("bare-error", Www, [], Rcode: 2, HasQuestion: false),
        new("bare-error-with-answer", Www, [Rr(1, 60, [192, 0, 2, 1], Pointer(14))], Rcode: 2, HasQuestion: false),
        new("two-opts", WwwOpt, [A(60, 1)], [], [[0, 0, 41, 4, 0xD0, 1, 0, 0, 0, 0, 0]], Opt: true),
        new("behind-opt", WwwOpt, [A(60, 1)], [], [[0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0], A(60, 9)]),
    ];

    private static IEnumerable<Reply> Rdatas() =>
    [
        new("a-of-3", Www, [Rr(1, 60, [192, 0, 2])]),
        new("a-of-5", Www, [Rr(1, 60, [192, 0, 2, 1, 1])]),
        new("aaaa-of-4", Dnssec, [Rr(28, 60, [192, 0, 2, 1])]),
        new("text-overrun", Text, [Rr(16, 60, [9, 97])]),
        new("text-of-nothing", Text, [Rr(16, 60, [])]),
        new("rdlength-over", Www, [[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 200, 1, 2, 3, 4]]),
        new("rdlength-under", Www, [[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 2, 1, 2, 3, 4]]),
        new("soa-short", Www, [], [Rr(6, 60, [0, 0, 1, 2])]),
        new("mx-of-one", Text, [Rr(15, 60, [0])]),
        new("naptr", Text, [Rr(35, 60, [0, 1, 0, 2, 1, 117, 1, 83, 0, .. ExampleOrg])]),
        new("unknown-type", Text, [Rr(65280, 60, [1, 2, 3])]),
    ];

    private static IEnumerable<Reply> Names() =>
    [
        new("owner-loop", Www, [Rr(1, 60, [192, 0, 2, 1], Pointer(33))]),
        new("rdata-loop", Www, [Rr(5, 60, Pointer(45))]),
        new("rdata-forward", Www, [Rr(5, 60, Pointer(60)), A(60, 1)]),
        new("rdata-past-its-end", Www, [Rr(5, 60, [7, 101]), A(60, 1)]),
        new("cname-loop", Www, [Rr(5, 60, ExampleOrg), Rr(5, 60, Pointer(12), Pointer(45))]),
        new("cname-chain", Www, [.. Enumerable.Range(0, 40).Select(i => Rr(5, 60, [1, (byte)i, 0xC0, 16]))]),
        new("another-name", Www, [Rr(1, 60, [192, 0, 2, 66], FuzzedQuestions.Name("bank.example"))]),
        new("owner-in-a-ttl", WwwOpt, [Rr(1, 0x01610000, [192, 0, 2, 1]), Rr(1, 60, [192, 0, 2, 2], Pointer(39))], Age: 1),
        new("owner-in-an-address", WwwOpt, [Rr(1, 60, [1, 97, 0, 0]), Rr(1, 60, [2, 97, 97, 0]), Rr(16, 60, [0], Pointer(45))], Age: 1),
        new("owner-of-256", Www, [Rr(1, 60, [192, 0, 2, 1], [.. Enumerable.Repeat((byte[])[1, 97], 120).SelectMany(label => label), 0xC0, 12])]),
    ];

    private static byte[] A(uint ttl, byte last) => Rr(1, ttl, [192, 0, 2, last]);

    private static byte[] Soa(uint minimum)
    {
        byte[] numbers = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(16), minimum);
        return Rr(6, 600, [.. ExampleOrg, 0xC0, 12, .. numbers], Pointer(16));
    }

    private static byte[] Rr(ushort type, uint ttl, byte[] rdata, byte[]? owner = null)
    {
        byte[] numbers = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(numbers, type);
        numbers[3] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(numbers.AsSpan(4), ttl);
        BinaryPrimitives.WriteUInt16BigEndian(numbers.AsSpan(8), (ushort)rdata.Length);
        return [.. owner ?? Pointer(12), .. numbers, .. rdata];
    }

    private static byte[] Pointer(int target) => [(byte)(0xC0 | (target >> 8)), (byte)target];

    private static byte[] Seed(Reply reply)
    {
        byte[] client = FuzzedQuestions.Outside[reply.Client];
        int end = 12;
        while (client[end] != 0)
        {
            end += 1 + client[end];
        }

        end += 5;
        byte[][] additional = reply.Opt
            ? [.. reply.Additional ?? [], [0, 0, 41, 4, 0xD0, reply.ExtendedRcode, 0, 0, 0, 0, 0]]
            : reply.Additional ?? [];
        int answers = reply.AnswerCount ?? reply.Answer.Length;
        return
        [
            (byte)((reply.Client << 4) | (reply.Age << 2)),
            0x42, 0x42, reply.Flags, (byte)(0x80 | reply.Rcode), 0, (byte)(reply.HasQuestion ? 1 : 0), (byte)(answers >> 8), (byte)answers,
            0, (byte)(reply.Authority?.Length ?? 0), 0, (byte)additional.Length,
            .. reply.HasQuestion ? client[12..end] : [.. Enumerable.Range(12, end - 12).Select(i => (byte)(i == 20 ? 0 : i % 2 == 0 ? 1 : 'a'))],
            .. reply.Answer.Concat(reply.Authority ?? []).Concat(additional).SelectMany(rr => rr),
        ];
    }

    private sealed record Reply(
        string Name,
        int Client,
        byte[][] Answer,
        byte[][]? Authority = null,
        byte[][]? Additional = null,
        byte Flags = 0x81,
        byte Rcode = 0,
        bool Opt = false,
        byte ExtendedRcode = 0,
        int? AnswerCount = null,
        int Age = 0,
        bool HasQuestion = true);
}
