// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Resolver.Linux.Interop;

/// <summary>libnftables (nftables/libnftables.h).</summary>
internal static partial class LibNftables
{
    internal const uint NFT_CTX_DEFAULT = 0;
    internal const uint NFT_CTX_OUTPUT_JSON = 1 << 4;

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial NftablesHandle nft_ctx_new(uint flags);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial void nft_ctx_free(nint ctx);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial int nft_ctx_buffer_output(NftablesHandle ctx);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial int nft_ctx_buffer_error(NftablesHandle ctx);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial nint nft_ctx_get_output_buffer(NftablesHandle ctx);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial nint nft_ctx_get_error_buffer(NftablesHandle ctx);

    [LibraryImport(LibraryNames.Nftables)]
    internal static partial void nft_ctx_output_set_flags(NftablesHandle ctx, uint flags);

    [LibraryImport(LibraryNames.Nftables, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nft_run_cmd_from_buffer(NftablesHandle ctx, string buf);
}

/// <summary>A struct nft_ctx.</summary>
internal sealed class NftablesHandle : SafeHandle
{
    public NftablesHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibNftables.nft_ctx_free(handle);
        return true;
    }
}
