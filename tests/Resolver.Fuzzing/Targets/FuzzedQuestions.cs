// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Resolver.Fuzzing.Targets;

/// <summary>Questions, octet by octet.</summary>
internal static class FuzzedQuestions
{
    /// <summary>Eight that are forwarded: types, OPT and sizes that matter to the way back.</summary>
    internal static IReadOnlyList<byte[]> Outside { get; } =
    [
        Question("www.example.org", 1, udpSize: null),
        Question("wWw.eXample.org", 1, udpSize: 1232),
        Question("example.org", 28, udpSize: 4096, isDnssecOk: true),
        Question("example.org", 16, udpSize: 512),
        Question("_sip._tcp.example.org", 33, udpSize: 1232),
        Question("example.org", 255, udpSize: null),
        Question("example.org", 65, udpSize: 65535),
        Question(string.Join('.', Enumerable.Repeat("x", 127)), 1, udpSize: 1232),
    ];

    /// <summary>A question; <paramref name="udpSize"/> null leaves OPT out.</summary>
    internal static byte[] Question(string name, ushort type, int? udpSize = 1232, bool isDnssecOk = false, byte[]? options = null)
    {
        byte[] data = options ?? [];
        byte[] opt = udpSize is { } size
            ? [0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, (byte)(isDnssecOk ? 0x80 : 0), 0, (byte)(data.Length >> 8), (byte)data.Length, .. data]
            : [];
        return [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(opt.Length > 0 ? 1 : 0), .. Name(name), (byte)(type >> 8), (byte)type, 0, 1, .. opt];
    }

    internal static byte[] Name(string name) =>
        name.Length == 0 ? [0] : [.. name.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.Latin1.GetBytes(label))), 0];
}
