// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Wire;

/// <summary>
/// What RDATA of a type that is older than RFC 3597 consists of: fixed octets, then character-strings, then names, then fixed octets. Only there
/// may names be compressed (RFC 3597 §4), so only there can a pointer lead a reader astray; other types are octets to us.
/// </summary>
/// <param name="Prefix">Octets in front.</param>
/// <param name="Strings">Character-strings behind them.</param>
/// <param name="Names">Names behind those.</param>
/// <param name="Suffix">Octets at the end.</param>
internal readonly record struct RdataShape(int Prefix, int Strings, int Names, int Suffix)
{
    private const ushort Txt = 16;
    private const ushort Spf = 99;

    /// <summary>False for a type whose RDATA is octets to us.</summary>
    internal static bool TryGet(ushort type, out RdataShape shape)
    {
        shape = type switch
        {
            RrTypes.A => new(4, 0, 0, 0),
            RrTypes.Aaaa => new(16, 0, 0, 0),
            2 or 3 or 4 or 5 or 7 or 8 or 9 or RrTypes.Ptr or 39 => new(0, 0, 1, 0), // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME
            RrTypes.Soa => new(0, 0, 2, 20),
            RrTypes.Hinfo => new(0, 2, 0, 0),
            14 or 17 => new(0, 0, 2, 0), // MINFO, RP
            15 or 18 or 21 or 36 => new(2, 0, 1, 0), // MX, AFSDB, RT, KX
            26 => new(2, 0, 2, 0), // PX
            33 => new(6, 0, 1, 0), // SRV
            35 => new(4, 3, 1, 0), // NAPTR
            _ => default,
        };
        return shape != default;
    }

    /// <summary>True if the RR that was just passed holds what its type says, no more and no less.</summary>
    internal static bool IsKept(ReadOnlySpan<byte> message, in RrReader rr)
    {
        int start = rr.Position - rr.Rdata.Length;
        if (rr.Class != RrTypes.ClassIn)
        {
            return true;
        }

        if (rr.Type is Txt or Spf)
        {
            return AreStrings(rr.Rdata);
        }

        return !TryGet(rr.Type, out RdataShape shape)
            || (TryPassHead(rr.Rdata, in shape, out int head) && shape.AreNames(message[..rr.Position], start + head));
    }

    /// <summary>Passes the fixed octets and the character-strings in front of the names.</summary>
    internal static bool TryPassHead(ReadOnlySpan<byte> rdata, in RdataShape shape, out int head)
    {
        head = shape.Prefix;
        for (int i = 0; i < shape.Strings && head < rdata.Length; i++)
        {
            head += 1 + rdata[head];
        }

        // With strings missing what follows does not fit, either.
        return head <= rdata.Length;
    }

    private bool AreNames(ReadOnlySpan<byte> upToEnd, int position)
    {
        for (int i = 0; i < Names; i++)
        {
            if (!WireNames.TryPass(upToEnd, position, out position))
            {
                return false;
            }
        }

        return position + Suffix == upToEnd.Length;
    }

    private static bool AreStrings(ReadOnlySpan<byte> rdata)
    {
        int position = 0;
        while (position < rdata.Length)
        {
            position += 1 + rdata[position];
        }

        return position == rdata.Length && position > 0;
    }
}
