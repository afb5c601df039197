// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Text;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Wire;
using Resolver.Dns.Zones;

namespace Resolver.Fuzzing.Targets;

/// <summary>The same octets as a name in text, as an upstream, and as a wire name that may be an address.</summary>
internal static class TextTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        CheckName(text);
        CheckUpstream(text);
        if (WireNames.TryPassPlain(input, 0, out int end))
        {
            CheckReverse(input[..end]);
            CheckReverse(input[..(end - 1)]);
        }
    }

    private static void CheckName(string text)
    {
        if (!DnsName.TryParse(text, out DnsName? name))
        {
            return;
        }

        byte[] wire = WireNames.Encode(name.Value);
        Invariant.Holds(WireNames.TryPassPlain(wire, 0, out int end) && end == wire.Length, "a name in text is one on the wire");
        Invariant.Holds(DnsName.Parse(name.ToString(), "name").Equals(name), "a name reads the same when it is written");
        Invariant.Holds(!name.Value.Contains('.') == WireNames.IsSingleLabel(wire), "a name without a dot is one label");
        Invariant.Holds(WireNames.IsWithin(wire, wire), "a name is within itself");
    }

    private static void CheckUpstream(string text)
    {
        try
        {
            Upstream upstream = Upstream.Parse(text, "dns");
            Invariant.Holds(Upstream.Parse(upstream.ToString(), "dns") == upstream, "an upstream reads the same when it is written");
        }
        catch (RefusedException refused)
        {
            Invariant.Holds(refused.Message.All(character => character is >= ' ' and not '\u007F'), "a refusal is one line that can be printed");
        }
    }

    private static void CheckReverse(ReadOnlySpan<byte> name)
    {
        if (ReverseNames.TryParseIPv4(name, out uint address))
        {
            byte[] octets = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(octets, address);
            Invariant.Holds(
                ReverseNames.TryParseIPv4(ReverseNames.EncodeLabels(new IPAddress(octets)), out uint again) && again == address, "an IPv4 address");
        }

        if (ReverseNames.TryParseIPv6(name, out UInt128 address6))
        {
            byte[] octets = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(octets, address6);
            Invariant.Holds(WireNames.EqualFolded(ReverseNames.EncodeLabels(new IPAddress(octets)), name.TrimEnd((byte)0)), "an IPv6 address");
        }
    }
}
