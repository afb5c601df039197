// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;

namespace Resolver.Dns.Tests.Conformance;

/// <summary>Messages as they are drawn: hexadecimal octets, 'letters', and spaces where they help to read.</summary>
internal static class Hex
{
    internal static byte[] Bytes(string text)
    {
        List<byte> octets = [];
        for (int position = 0; position < text.Length;)
        {
            if (text[position] == '\'')
            {
                int end = text.IndexOf('\'', position + 1);
                octets.AddRange(Encoding.ASCII.GetBytes(text[(position + 1)..end]));
                position = end + 1;
            }
            else if (text[position] == ' ')
            {
                position++;
            }
            else
            {
                octets.Add(byte.Parse(text.AsSpan(position, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                position += 2;
            }
        }

        return [.. octets];
    }

    /// <summary>A question whose OPT, the last 11 octets, has these options behind it.</summary>
    internal static byte[] WithOptions(byte[] question, string options)
    {
        byte[] octets = Bytes(options);
        return [.. question[..^2], (byte)(octets.Length >> 8), (byte)octets.Length, .. octets];
    }

    /// <summary>An upstream's reply: the question's header and question section, then RRs; C00C is the question's name.</summary>
    internal static byte[] Reply(byte[] question, string counts, string records, byte flags = 0x81, byte lowFlags = 0x80)
    {
        int end = 12;
        while (question[end] != 0)
        {
            end += 1 + question[end];
        }

        return [question[0], question[1], flags, lowFlags, 0, 1, .. Bytes(counts), .. question[12..(end + 5)], .. Bytes(records)];
    }
}
