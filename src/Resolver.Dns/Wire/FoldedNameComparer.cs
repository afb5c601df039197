// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Wire;

/// <summary>
/// Compares wire names without regard to ASCII case, and looks them up by span without a copy. Only registrants put names in, so the hash
/// (FNV-1a over folded octets) needs no seed.
/// </summary>
internal sealed class FoldedNameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    internal static readonly FoldedNameComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x is null || y is null ? x == y : WireNames.EqualFolded(x, y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => WireNames.EqualFolded(alternate, other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        uint hash = 2166136261;
        foreach (byte octet in alternate)
        {
            hash = (hash ^ WireNames.Fold(octet)) * 16777619;
        }

        return (int)hash;
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
