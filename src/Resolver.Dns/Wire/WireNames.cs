// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Resolver.Core.Names;

namespace Resolver.Dns.Wire;

/// <summary>Names as octets: length-prefixed labels and a zero (RFC 1035 §3.1). Nothing here allocates but <see cref="Encode"/>.</summary>
internal static class WireNames
{
    internal const int MaxLengthBytes = 255;
    private const int MaxLabelBytes = 63;
    private const byte PointerBits = 0xC0;

    // A name has 127 labels at most, and a pointer behind each of them makes sense. Without a bound each of 5,000 names in a message could lead
    // through 8,000 pointers.
    private const int MaxPointers = 127;

    /// <summary>Passes an uncompressed name: the only form in a question.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">Where the name starts.</param>
    /// <param name="end">Behind its zero.</param>
    /// <returns>False if it is cut short, longer than 255 octets, or holds anything but plain labels.</returns>
    internal static bool TryPassPlain(ReadOnlySpan<byte> message, int start, out int end)
    {
        end = start;
        while (end < message.Length)
        {
            byte length = message[end];
            if (length > MaxLabelBytes)
            {
                return false;
            }

            end += 1 + length;
            if (end - start > MaxLengthBytes)
            {
                return false;
            }

            if (length == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Passes a name that may end in a pointer. Each pointer must lead strictly further back than the last (RFC 1035 §4.1.4, RFC 9267 §2), so
    /// that following them ends, and there are no more than a name can use. What a pointer leads to ends in front of what led there, for it is a
    /// prior occurrence: else a name could run through its own pointer into a TTL.
    /// </summary>
    internal static bool TryPass(ReadOnlySpan<byte> message, int start, out int end)
    {
        end = start;
        int position = start;
        int lowest = start;
        int limit = message.Length;
        int total = 0;
        int pointers = 0;
        while (position < limit)
        {
            byte length = message[position];
            if ((length & PointerBits) == PointerBits)
            {
                if (position + 1 >= limit)
                {
                    return false;
                }

                int target = ((length & ~PointerBits) << 8) | message[position + 1];
                end = pointers > 0 ? end : position + 2;
                if (target >= lowest || target < MessageHeader.LengthBytes || ++pointers > MaxPointers)
                {
                    return false;
                }

                (position, limit, lowest) = (target, lowest, target);
                continue;
            }

            total += 1 + length;
            if (length > MaxLabelBytes || total > MaxLengthBytes)
            {
                return false;
            }

            position += 1 + length;
            if (length == 0)
            {
                end = pointers > 0 ? end : position;
                return true;
            }
        }

        return false;
    }

    /// <summary>A letter A-Z as a-z, any other octet as it is (RFC 4343 §3).</summary>
    internal static byte Fold(byte octet) => (uint)(octet - 'A') <= 'Z' - 'A' ? (byte)(octet | 0x20) : octet;

    /// <summary>Equality without regard to ASCII case. Length octets are below 64, where folding changes nothing.</summary>
    internal static bool EqualFolded(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i] && Fold(one[i]) != Fold(other[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for a plain name (with its zero) of exactly one label.</summary>
    internal static bool IsSingleLabel(ReadOnlySpan<byte> name) => name.Length > 2 && name.Length == name[0] + 2;

    /// <summary>True if the last label of a plain name (with its zero) is <paramref name="label"/>, given folded.</summary>
    internal static bool EndsWithLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> label)
    {
        int position = 0;
        while (position < name.Length && name[position] != 0)
        {
            int next = position + 1 + name[position];
            if (next < name.Length && name[next] == 0)
            {
                return EqualFolded(name[(position + 1)..next], label);
            }

            position = next;
        }

        return false;
    }

    /// <summary>True if a plain name is a domain or below it; both with their zero.</summary>
    internal static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> domain)
    {
        int position = 0;
        while (name.Length - position > domain.Length)
        {
            position += 1 + name[position];
        }

        return name.Length - position == domain.Length && EqualFolded(name[position..], domain);
    }

    /// <summary>A name's labels without the closing zero: the form of a zone's keys.</summary>
    internal static byte[] EncodeLabels(DnsName name) => Encode(name.Value)[..^1];

    /// <summary>A name with its closing zero.</summary>
    internal static byte[] Encode(string name)
    {
        byte[] octets = new byte[name.Length + 2];
        int position = 0;
        foreach (string label in name.Split('.'))
        {
            octets[position++] = (byte)label.Length;
            position += Encoding.ASCII.GetBytes(label, octets.AsSpan(position));
        }

        return octets;
    }
}
