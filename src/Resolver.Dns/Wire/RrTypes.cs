// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Wire;

// https://www.iana.org/assignments/dns-parameters

/// <summary>RR types and question types that this server treats in a way of their own.</summary>
internal static class RrTypes
{
    internal const ushort A = 1;
    internal const ushort Ns = 2;
    internal const ushort Cname = 5;
    internal const ushort Soa = 6;
    internal const ushort Ptr = 12;
    internal const ushort Hinfo = 13;
    internal const ushort Minfo = 14;
    internal const ushort Mx = 15;
    internal const ushort Txt = 16;
    internal const ushort Rp = 17; // RFC 1183 §2
    internal const ushort Afsdb = 18; // RFC 1183 §1
    internal const ushort Aaaa = 28;
    internal const ushort Srv = 33; // RFC 2782
    internal const ushort Naptr = 35; // RFC 3403 §4
    internal const ushort Kx = 36; // RFC 2230
    internal const ushort Dname = 39; // RFC 6672
    internal const ushort Opt = 41;
    internal const ushort Rrsig = 46; // RFC 4034 §3
    internal const ushort Nsec = 47; // RFC 4034 §4
    internal const ushort Svcb = 64; // RFC 9460
    internal const ushort Https = 65; // RFC 9460
    internal const ushort Spf = 99; // RFC 7208 §3.1
    internal const ushort Tkey = 249;
    internal const ushort Tsig = 250;
    internal const ushort Ixfr = 251;
    internal const ushort Axfr = 252;
    internal const ushort Mailb = 253;
    internal const ushort Maila = 254;
    internal const ushort Any = 255;

    internal const ushort ClassIn = 1;
}

/// <summary>Response codes (RFC 1035 §4.1.1, RFC 6891 §9).</summary>
internal static class Rcodes
{
    internal const int NoError = 0;
    internal const int FormErr = 1;
    internal const int ServFail = 2;
    internal const int NxDomain = 3;
    internal const int NotImp = 4;
    internal const int Refused = 5;
    internal const int BadVers = 16;
}
