// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Resolver.Dns.Tests.Caching;

/// <summary>Questions and upstreams' replies, octet by octet.</summary>
internal static class ReplyBuilder
{
    /// <summary>A question; <paramref name="optFlags"/> null leaves OPT out.</summary>
    internal static byte[] Question(string name, ushort type = 1, ushort? optFlags = 0, bool checkingDisabled = false, ushort id = 0x1234)
    {
        byte[] opt = optFlags is { } flags ? [0, 0, 41, 4, 0xD0, 0, 0, (byte)(flags >> 8), (byte)flags, 0, 0] : [];
        return
        [
            (byte)(id >> 8), (byte)id, 1, (byte)(checkingDisabled ? 0x10 : 0), 0, 1, 0, 0, 0, 0, 0, (byte)(opt.Length > 0 ? 1 : 0),
            .. Name(name), (byte)(type >> 8), (byte)type, 0, 1, .. opt,
        ];
    }

    /// <summary>The reply to a question: addresses with a TTL, or none and an SOA whose MINIMUM is <paramref name="soaMinimum"/>.</summary>
    internal static byte[] Reply(byte[] question, uint ttl, string[] addresses, int rcode = 0, uint? soaMinimum = null)
    {
        int end = EndOf(question);
        byte[] header =
        [
            question[0], question[1], 0x81, (byte)(0x80 | rcode), 0, 1, 0, (byte)addresses.Length, 0, (byte)(soaMinimum is null ? 0 : 1), 0, 0,
        ];
        IEnumerable<byte> answers = addresses.SelectMany(text => Record(1, ttl, IPAddress.Parse(text).GetAddressBytes()));
        byte[] authority = soaMinimum is { } minimum ? Record(6, ttl, [0, 0, .. new byte[16], .. Number(minimum)]) : [];
        return [.. header, .. question[12..end], .. answers, .. authority];
    }

    /// <summary>The TTLs of all records behind the question; each owner must be a pointer.</summary>
    internal static uint[] Ttls(byte[] reply)
    {
        List<uint> ttls = [];
        for (int position = EndOf(reply); position < reply.Length && reply[position] != 0;)
        {
            ttls.Add(BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(position + 6)));
            position += 12 + BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(position + 10));
        }

        return [.. ttls];
    }

    /// <summary>The last octet of each A record of the answer.</summary>
    internal static byte[] LastOctets(byte[] reply)
    {
        int end = EndOf(reply);
        return [.. Enumerable.Range(0, BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(6))).Select(index => reply[end + (16 * index) + 15])];
    }

    private static int EndOf(byte[] message)
    {
        int end = 12;
        while (message[end] != 0)
        {
            end += 1 + message[end];
        }

        return end + 5;
    }

    private static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];

    private static byte[] Record(byte type, uint ttl, byte[] rdata) => [0xC0, 12, 0, type, 0, 1, .. Number(ttl), 0, (byte)rdata.Length, .. rdata];

    private static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
