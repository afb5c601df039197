// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Text;
using CsCheck;

namespace Resolver.Dns.Tests.Wire;

/// <summary>Random names, addresses and questions, within what all three libraries can write.</summary>
internal static class Generators
{
    internal const int Messages = 100_000;

    // No 'n', so that no label starts with "xn--", which DnsClient would take for its own.
    private static readonly Gen<string> Label = Gen.Frequency(
        (9, Gen.String[Gen.Char["abcdxyzABCXYZ0189-_"], 1, 12]),
        (1, Gen.String[Gen.Char["abyz09"], 63, 63]));

    /// <summary>Labels of a name of at most 193 octets.</summary>
    internal static readonly Gen<string[]> Labels = Label.Array[1, 3];

    internal static readonly Gen<IPAddress> IPv4 = Gen.Byte.Array[4].Select(octets => new IPAddress(octets));

    internal static readonly Gen<IPAddress> IPv6 = Gen.Byte.Array[16].Select(octets => new IPAddress(octets));

    /// <summary>How a question is dressed; options only with codes and lengths that no library gives a meaning.</summary>
    internal static readonly Gen<Edns?> MaybeEdns = Gen.Select(Gen.Bool, Gen.UShort, Gen.Bool, Gen.Byte[0, 3], Options())
        .Select((has, size, isDnssecOk, version, options) => has ? new Edns(size, isDnssecOk, version == 3 ? (byte)1 : (byte)0, options) : null);

    internal static Gen<T> Among<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(index => choices[index]);

    internal static byte[] Wire(params string[] labels) =>
        [.. labels.SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];

    private static Gen<(ushort Code, byte[] Data)[]> Options() =>
        Gen.Select(Gen.Frequency((4, Gen.UShort[65001, 65534]), (1, Gen.Const((ushort)11))), Gen.Byte.Array[0, 30]).Array[0, 3];

    internal sealed record Edns(ushort UdpSize, bool IsDnssecOk, byte Version, (ushort Code, byte[] Data)[] Options);
}
