// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Resolver.Linux.Interop;

namespace Resolver.Linux.Nftables;

/// <summary>
/// A libnftables context of the namespace in which it was made (its netlink socket stays there). One command buffer is one atomic transaction.
/// Not thread-safe: one owner.
/// </summary>
public sealed class NftablesContext : IDisposable
{
    private static readonly (string Text, Errno Errno)[] KnownErrors =
    [
        ("Operation not permitted", Errno.EPERM),
        ("No such file or directory", Errno.ENOENT),
        ("File exists", Errno.EEXIST),
        ("Device or resource busy", Errno.EBUSY),
        ("Operation not supported", Errno.EOPNOTSUPP),
        ("Cannot allocate memory", Errno.ENOMEM),
        ("Numerical result out of range", Errno.ERANGE),
    ];

    private readonly NftablesHandle _handle;

    /// <summary>Makes a context in the calling thread's namespace.</summary>
    /// <exception cref="KernelException">libnftables.so.1 is not installed (ENOENT; the text names the Debian package), or no memory.</exception>
    public NftablesContext()
    {
        try
        {
            _handle = LibNftables.nft_ctx_new(LibNftables.NFT_CTX_DEFAULT);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new KernelException("load", LibraryNames.Nftables, Errno.ENOENT, "install the Debian package libnftables1");
        }

        if (_handle.IsInvalid || LibNftables.nft_ctx_buffer_output(_handle) != 0 || LibNftables.nft_ctx_buffer_error(_handle) != 0)
        {
            _handle.Dispose();
            throw new KernelException("nft_ctx_new", "nftables", Errno.ENOMEM);
        }
    }

    /// <summary>Runs commands in nft(8) syntax, all or nothing.</summary>
    /// <param name="commands">One command a line.</param>
    /// <returns>What they print (for `list`), else empty.</returns>
    /// <exception cref="KernelException">Refused; nothing was changed. ExtendedAck is libnftables' error text.</exception>
    public string Run(string commands) => Run(commands, 0);

    /// <summary>Like <see cref="Run(string)"/>, with JSON output (libnftables-json(5)).</summary>
    /// <exception cref="KernelException">Refused.</exception>
    public string RunJson(string commands) => Run(commands, LibNftables.NFT_CTX_OUTPUT_JSON);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private string Run(string commands, uint outputFlags)
    {
        LibNftables.nft_ctx_output_set_flags(_handle, outputFlags);
        int result = LibNftables.nft_run_cmd_from_buffer(_handle, commands);

        // Reading a buffer also empties it, so both are read each time.
        string output = Text(LibNftables.nft_ctx_get_output_buffer(_handle));
        string error = Text(LibNftables.nft_ctx_get_error_buffer(_handle));
        return result == 0 ? output : throw Refusal(commands, error);
    }

    private static string Text(nint buffer) => Marshal.PtrToStringUTF8(buffer) ?? string.Empty;

    private static KernelException Refusal(string commands, string error)
    {
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string text = lines.FirstOrDefault() ?? "no reason given";
        if (lines.Length > 1)
        {
            text += " in: " + lines[1];
        }

        Errno errno = Errno.EINVAL;
        foreach ((string known, Errno value) in KnownErrors)
        {
            errno = error.Contains(known, StringComparison.Ordinal) ? value : errno;
        }

        string first = commands.Split('\n', 2)[0];
        return new KernelException("nft", first.Length > 120 ? first[..120] + "..." : first, errno, text);
    }
}
