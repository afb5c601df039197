// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Nftables.Batches;

/// <summary>A set or a map of a table.</summary>
/// <param name="Family">The table's.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Name">Its own name.</param>
/// <param name="IsInterval">True if its keys may be ranges (<c>flags interval</c>): the kernel wants their ends written in another way.</param>
public sealed record NftablesSet(NftablesFamily Family, string Table, string Name, bool IsInterval)
{
    /// <summary>As nft(8) calls it: <c>inet resolver published4</c>.</summary>
    public override string ToString() => $"{FamilyName} {Table} {Name}";

    private string FamilyName => Family switch
    {
        NftablesFamily.Inet => "inet",
        NftablesFamily.IPv4 => "ip",
        NftablesFamily.Bridge => "bridge",
        _ => throw new InvalidOperationException($"{Family} is no family"),
    };
}
