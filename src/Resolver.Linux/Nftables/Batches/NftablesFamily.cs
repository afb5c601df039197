// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Nftables.Batches;

/// <summary>What a table is about (NFPROTO_…, linux/netfilter.h).</summary>
public enum NftablesFamily
{
    /// <summary>IPv4 and IPv6.</summary>
    Inet = 1,

    /// <summary>IPv4.</summary>
    IPv4 = 2,

    /// <summary>Frames that a bridge switches.</summary>
    Bridge = 7,
}
