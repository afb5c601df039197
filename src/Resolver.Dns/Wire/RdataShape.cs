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
    /// <summary>False for a type whose RDATA is octets to us.</summary>
    internal static bool TryGet(ushort type, out RdataShape shape)
    {
        shape = type switch
        {
            RrTypes.A => new(4, 0, 0, 0),
            RrTypes.Aaaa => new(16, 0, 0, 0),
            RrTypes.Ns or RrTypes.Cname or RrTypes.Ptr or RrTypes.Dname => new(0, 0, 1, 0),
            3 or 4 or 7 or 8 or 9 => new(0, 0, 1, 0), // MD, MF, MB, MG, MR
            RrTypes.Soa => new(0, 0, 2, 20),
            RrTypes.Hinfo => new(0, 2, 0, 0),
            RrTypes.Minfo or RrTypes.Rp => new(0, 0, 2, 0),
            RrTypes.Mx or RrTypes.Afsdb or RrTypes.Kx or 21 => new(2, 0, 1, 0), // 21: RT
            26 => new(2, 0, 2, 0), // PX
            RrTypes.Srv => new(6, 0, 1, 0),
            RrTypes.Naptr => new(4, 3, 1, 0),
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

        if (rr.Type is RrTypes.Txt or RrTypes.Spf)
        {
            return AreStrings(rr.Rdata);
        }

        return TryGet(rr.Type, out RdataShape shape)
            ? TryPassHead(rr.Rdata, in shape, out int head) && shape.AreNames(message[..rr.Position], start + head)
            : HeadOfLaterType(rr.Type) is not { } fixedOctets || WireNames.TryPass(message[..rr.Position], start + fixedOctets, out _);
    }

    // Types whose name is never compressed and has more behind it: how many octets stand in front of the name.
    private static int? HeadOfLaterType(ushort type) => type switch
    {
        RrTypes.Rrsig => 18,
        RrTypes.Nsec => 0,
        RrTypes.Svcb or RrTypes.Https => 2,
        _ => null,
    };

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
