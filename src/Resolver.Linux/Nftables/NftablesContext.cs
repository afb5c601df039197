// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Nftables;

/// <summary>
/// A libnftables context of the namespace in which it was made (its netlink socket stays there). One command buffer is one atomic transaction.
/// Not thread-safe: one owner.
/// </summary>
public sealed class NftablesContext : IDisposable
{
    /// <summary>Makes a context in the calling thread's namespace.</summary>
    /// <exception cref="KernelException">libnftables.so.1 is not installed (ENOENT; the text names the Debian package), or no memory.</exception>
    public NftablesContext() => throw new NotImplementedException();

    /// <summary>Runs commands in nft(8) syntax, all or nothing.</summary>
    /// <param name="commands">One command a line.</param>
    /// <returns>What they print (for `list`), else empty.</returns>
    /// <exception cref="KernelException">Refused; nothing was changed. ExtendedAck is libnftables' error text.</exception>
    public string Run(string commands) => throw new NotImplementedException();

    /// <summary>Like <see cref="Run"/>, with JSON output (libnftables-json(5)).</summary>
    public string RunJson(string commands) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
