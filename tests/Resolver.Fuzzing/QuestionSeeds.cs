// SPDX-License-Identifier: Apache-2.0

using Resolver.Fuzzing.Targets;

namespace Resolver.Fuzzing;

/// <summary>Questions as clients and attackers send them, behind the octet of settings.</summary>
internal static class QuestionSeeds
{
    private static readonly byte[] Db = [2, (byte)'d', (byte)'b', 0, 0, 1, 0, 1];

    internal static IEnumerable<(string Name, byte[] Octets)> All() => Good().Concat(Headers()).Concat(Names()).Concat(Opts()).Concat(Types())
        .Select(seed => (seed.Name, (byte[])[0, .. seed.Octets]))
        .Append(("stream-many", [1, .. FuzzedQuestions.Question("many", 1)]))
        .Append(("small-many", [2, .. FuzzedQuestions.Question("many", 1, udpSize: null)]))
        .Append(("no-networks", [4, .. FuzzedQuestions.Question("db", 1)]));

    private static IEnumerable<(string Name, byte[] Octets)> Good() =>
    [
        ("a", FuzzedQuestions.Question("db", 1)),
        ("aaaa-qualified", FuzzedQuestions.Question("db.app", 28, isDnssecOk: true)),
        ("no-opt", FuzzedQuestions.Question("web.front", 1, udpSize: null)),
        ("any", FuzzedQuestions.Question("pool", 255)),
        ("origin", FuzzedQuestions.Question("back.end", 6)),
        ("nobody", FuzzedQuestions.Question("nobody", 28)),
        ("gateway", FuzzedQuestions.Question("gateway.app", 28)),
        ("host", FuzzedQuestions.Question("host.docker.internal", 1)),
        ("localhost", FuzzedQuestions.Question("x.localhost", 28)),
        ("onion", FuzzedQuestions.Question("a.onion", 1)),
        ("resolver-arpa", FuzzedQuestions.Question("_dns.resolver.arpa", 64)),
        ("loop-probe", FuzzedQuestions.Question("00112233.resolver-loop.test", 16)),
        ("reverse", FuzzedQuestions.Question("2.0.30.172.in-addr.arpa", 12)),
        ("reverse-nobody", FuzzedQuestions.Question("9.0.31.172.IN-ADDR.arpa", 12)),
        ("reverse-part", FuzzedQuestions.Question("30.172.in-addr.arpa", 12)),
        ("reverse-six", FuzzedQuestions.Question("2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.0.0.0.0.d.f.ip6.arpa", 12)),
        ("outside", FuzzedQuestions.Question("www.example.org", 1)),
        ("root", FuzzedQuestions.Question("", 2)),
        ("padded", FuzzedQuestions.Question("www.example.org", 1, options: [0, 12, 2, 0, .. new byte[512]])),
    ];

    private static IEnumerable<(string Name, byte[] Octets)> Headers() =>
    [
        ("empty", []),
        ("eleven-octets", [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0]),
        ("a-reply", With(Message(Db), 2, 0x81)),
        ("update", With(Message(Db), 2, 0x28)),
        ("opcode-15", With(Message(Db), 2, 0x78)),
        ("all-flags", With(Message(Db), 3, 0xFF)),
        ("no-question", With(Message([]), 5, 0)),
        ("two-questions", With(Message([.. Db, .. Db]), 5, 2)),
        ("65535-questions", With(With(Message(Db), 4, 255), 5, 255)),
        ("65535-of-each", [0x12, 0x34, 1, 0, 0, 1, 255, 255, 255, 255, 255, 255, .. Db]),
        ("half-a-question", Message(Db[..3])),
        ("half-a-class", Message(Db[..7])),
        ("octets-behind", Message([.. Db, 1, 2, 3])),
    ];

    private static IEnumerable<(string Name, byte[] Octets)> Names() =>
    [
        ("pointer-to-itself", Message([0xC0, 12, 0, 1, 0, 1])),
        ("pointer-forward", Message([0xC0, 20, 0, 1, 0, 1])),
        ("pointer-into-header", Message([0xC0, 0, 0, 1, 0, 1])),
        ("pointer-past-the-end", Message([0xFF, 0xFF, 0, 1, 0, 1])),
        ("half-a-pointer", Message([0xC0])),
        ("bit-label", Message([0x41, 1, 0, 0, 1, 0, 1])),
        ("reserved-label", Message([0x80, 1, 0, 0, 1, 0, 1])),
        ("255-octets", FuzzedQuestions.Question(string.Join('.', Enumerable.Repeat("x", 127)), 1)),
        ("257-octets", FuzzedQuestions.Question(string.Join('.', Enumerable.Repeat("x", 128)), 1)),
        ("63-octet-labels", FuzzedQuestions.Question(string.Join('.', Enumerable.Repeat(new string('y', 63), 3)), 1)),
        ("odd-octets", FuzzedQuestions.Question("a\0b c\u00FF\u00E9", 1)),
        ("upper-case", FuzzedQuestions.Question("DB.APP", 1)),
        ("mutual-pointers", With(Message([.. Db, 0xC0, 22, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 20]), 11, 1)),
        ("pointer-chain", With(Message([.. Db, .. Chain(150), 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]), 11, 1)),
    ];

    private static IEnumerable<(string Name, byte[] Octets)> Opts() =>
    [
        ("two-opts", With(Message([.. Db, .. Opt(0, []), .. Opt(0, [])]), 11, 2)),
        ("opt-of-a-name", With(Message([.. Db, 2, (byte)'d', (byte)'b', .. Opt(0, [])]), 11, 1)),
        ("opt-as-answer", With(Message([.. Db, .. Opt(0, [])]), 7, 1)),
        ("opt-overrun", With(Message([.. Db, .. Opt(0, [])[..9], 0, 9, 1]), 11, 1)),
        ("half-an-option", With(Message([.. Db, .. Opt(0, [0xFD, 0xE9, 0])]), 11, 1)),
        ("option-overrun", With(Message([.. Db, .. Opt(0, [0xFD, 0xE9, 0, 2, 0])]), 11, 1)),
        ("options", With(Message([.. Db, .. Opt(0, [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 11, 0, 0, 0, 8, 0, 4, 0, 1, 0, 0])]), 11, 1)),
        ("version-1", With(Message([.. Db, .. Opt(1, [])]), 11, 1)),
        ("version-255", With(Message([.. Db, .. Opt(255, [])]), 11, 1)),
        ("opt-not-there", With(Message(Db), 11, 1)),
        ("keepalive-by-stream", FuzzedQuestions.Question("db", 1, options: [0, 11, 0, 0])),
        ("other-rr-before-opt", With(Message([.. Db, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4, .. Opt(0, [])]), 11, 2)),
    ];

    private static IEnumerable<(string Name, byte[] Octets)> Types() =>
        new ushort[] { 0, 41, 249, 250, 251, 252, 253, 254, 65535 }.Select(type => ($"type-{type}", FuzzedQuestions.Question("db", type)))
            .Concat(new byte[] { 0, 3, 4, 254, 255 }.Select(number => ($"class-{number}", With(Message(Db), 19, number))));

    private static byte[] Message(byte[] rest) => [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. rest];

    private static byte[] Opt(byte version, byte[] options) => [0, 0, 41, 4, 0xD0, 0, version, 0, 0, (byte)(options.Length >> 8), (byte)options.Length, .. options];

    private static byte[] With(byte[] message, int position, byte value)
    {
        message[position] = value;
        return message;
    }

    // Each pointer leads to the one before it, the first to the question's name: legal each, but more than any name can use.
    private static byte[] Chain(int pointers) => [.. Enumerable.Range(0, pointers).SelectMany(i => Pointer(i == 0 ? 12 : 20 + (2 * (i - 1))))];

    private static byte[] Pointer(int target) => [(byte)(0xC0 | (target >> 8)), (byte)target];
}
