// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Resolver.Dns.Forwarding.Datagrams;

/// <summary>Unpredictable 16-bit numbers for ids and ports (RFC 5452 §9.2), fetched many at a time. Not thread-safe.</summary>
internal sealed class RandomNumbers
{
    private readonly byte[] _octets = new byte[512];
    private int _used;

    internal RandomNumbers() => _used = _octets.Length;

    internal ushort Next()
    {
        if (_used == _octets.Length)
        {
            RandomNumberGenerator.Fill(_octets);
            _used = 0;
        }

        Span<byte> next = _octets.AsSpan(_used, sizeof(ushort));
        _used += sizeof(ushort);
        ushort number = BinaryPrimitives.ReadUInt16LittleEndian(next);
        next.Clear(); // Used once, and then nowhere to be found.
        return number;
    }
}
