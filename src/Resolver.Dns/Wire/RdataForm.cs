// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Wire;

/// <summary>
/// What RDATA of a known type is made of, in this order (RFC 1035 §3.3 and the types' own RFCs). RDATA of any other type is octets (RFC 3597 §3).
/// </summary>
/// <param name="FixedBytes">Octets in front, whatever they are.</param>
/// <param name="Strings">Strings with a length octet each.</param>
/// <param name="Names">Names, which may end in a pointer: servers compress even where they should not (RFC 3597 §4).</param>
/// <param name="TailBytes">Octets at the end; <see cref="AnyTail"/> for as many as there are.</param>
internal readonly record struct RdataForm(int FixedBytes, int Strings, int Names, int TailBytes = 0)
{
    private const int AnyTail = -1;

    /// <summary>True if what stands between two places of a message is RDATA of a type, or the type is not known here.</summary>
    internal static bool IsWellFormed(ReadOnlySpan<byte> message, int start, int end, ushort type) => type switch
    {
        RrTypes.Txt or RrTypes.Spf => AreStrings(message[start..end]),
        _ => Of(type) is not { } form || form.Fits(message[..end], start),
    };

    private static RdataForm? Of(ushort type) => type switch
    {
        RrTypes.A => new(4, 0, 0),
        RrTypes.Aaaa => new(16, 0, 0),
        RrTypes.Ns or RrTypes.Cname or RrTypes.Ptr or RrTypes.Dname => new(0, 0, 1),
        RrTypes.Soa => new(0, 0, 2, 20),
        RrTypes.Minfo or RrTypes.Rp => new(0, 0, 2),
        RrTypes.Mx or RrTypes.Afsdb or RrTypes.Kx => new(2, 0, 1),
        RrTypes.Srv => new(6, 0, 1),
        RrTypes.Hinfo => new(0, 2, 0),
        RrTypes.Naptr => new(4, 3, 1),
        RrTypes.Rrsig => new(18, 0, 1, AnyTail),
        RrTypes.Nsec => new(0, 0, 1, AnyTail),
        RrTypes.Svcb or RrTypes.Https => new(2, 0, 1, AnyTail),
        _ => null,
    };

    private static bool AreStrings(ReadOnlySpan<byte> rdata)
    {
        int position = 0;
        while (position < rdata.Length)
        {
            position += 1 + rdata[position];
        }

        return position == rdata.Length && position > 0;
    }

    // The span ends where the RDATA does, so that nothing in it can reach further.
    private bool Fits(ReadOnlySpan<byte> upToEnd, int start)
    {
        int position = start + FixedBytes;
        for (int i = 0; i < Strings; i++)
        {
            if (position >= upToEnd.Length)
            {
                return false;
            }

            position += 1 + upToEnd[position];
        }

        for (int i = 0; i < Names; i++)
        {
            if (!WireNames.TryPass(upToEnd, position, out position))
            {
                return false;
            }
        }

        return TailBytes == AnyTail ? position <= upToEnd.Length : position + TailBytes == upToEnd.Length;
    }
}
