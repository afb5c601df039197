// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Nftables.Batches;

// linux/netfilter/nf_tables.h and nfnetlink.h. Numbers are in network byte order unless a comment says otherwise.

/// <summary>NFTA_TABLE_…</summary>
internal enum TableAttribute : ushort
{
    Name = 1,
}

/// <summary>NFTA_CHAIN_…</summary>
internal enum ChainAttribute : ushort
{
    Table = 1,
    Name = 3,
    Hook = 4,
    Policy = 5,
    Type = 7,
}

/// <summary>NFTA_HOOK_…</summary>
internal enum HookAttribute : ushort
{
    Number = 1,
    Priority = 2,
}

/// <summary>NFTA_RULE_…</summary>
internal enum RuleAttribute : ushort
{
    Table = 1,
    Chain = 2,
    Expressions = 4,
}

/// <summary>NFTA_SET_ELEM_LIST_…</summary>
internal enum ElementListAttribute : ushort
{
    Table = 1,
    Set = 2,
    Elements = 3,
}

/// <summary>NFTA_SET_ELEM_…</summary>
internal enum ElementAttribute : ushort
{
    Key = 1,
    Data = 2,
    Flags = 3,
    KeyEnd = 10,
}

/// <summary>NFTA_DATA_…</summary>
internal enum DataAttribute : ushort
{
    Value = 1,
    Verdict = 2,
}

/// <summary>NFTA_LIST_…</summary>
internal enum ListAttribute : ushort
{
    Element = 1,
}

/// <summary>NFTA_EXPR_…</summary>
internal enum ExpressionAttribute : ushort
{
    Name = 1,
    Data = 2,
}

/// <summary>NFTA_META_…</summary>
internal enum MetaAttribute : ushort
{
    Destination = 1,
    Key = 2,
}

/// <summary>NFT_META_…: what is loaded.</summary>
internal enum MetaKey
{
    OutputLink = 5, // NFT_META_OIF, in host byte order
    TransportProtocol = 16, // NFT_META_L4PROTO
}

/// <summary>NFTA_CMP_…</summary>
internal enum CompareAttribute : ushort
{
    Source = 1,
    Operation = 2,
    Data = 3,
}

/// <summary>NFTA_PAYLOAD_…</summary>
internal enum PayloadAttribute : ushort
{
    Destination = 1,
    Base = 2,
    Offset = 3,
    Length = 4,
    Source = 5,
    ChecksumKind = 6,
    ChecksumOffset = 7,
}

/// <summary>NFT_PAYLOAD_…: where offsets count from.</summary>
internal enum PayloadBase
{
    Network = 1,
    Transport = 2,
}

/// <summary>NFTA_IMMEDIATE_…</summary>
internal enum ImmediateAttribute : ushort
{
    Destination = 1,
    Data = 2,
}
