// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using ARSoft.Tools.Net.Dns;

namespace Resolver.Dns.Tests.Wire;

/// <summary>
/// ARSoft.Tools.Net as an independent writer and reader. Its own limits bound what can be asked of it: it turns octets beyond ASCII into '?', refuses
/// names of 127 labels, and writes wrong pointers into messages of more than 16 KiB. Those are tested against octets written by hand.
/// </summary>
internal static class ArsoftCodec
{
    internal static byte[] Encode(DnsMessage message) => [.. Encode((DnsMessageBase)message).ToArraySegment(false)];

    internal static DnsMessage Parse(ReadOnlySpan<byte> message) => DnsMessage.Parse(message.ToArray());

    // Its encoder is internal: octets leave it through a transport alone.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Encode")]
    private static extern DnsRawPackage Encode(DnsMessageBase message);
}
