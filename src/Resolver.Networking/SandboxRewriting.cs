// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Nftables.Batches;
using Resolver.Networking.Firewall;

namespace Resolver.Networking;

/// <summary>The rules in a sandbox that lead port 53 of 127.0.0.11 to its responder. What is there is not looked at: to look costs more than to write.</summary>
public static class SandboxRewriting
{
    /// <summary>Makes or replaces them, in one transaction, in the calling thread's namespace (call it inside <see cref="NamespaceThread"/>).</summary>
    /// <param name="port">Where the responder listens, UDP and TCP.</param>
    /// <exception cref="KernelException">The kernel refused.</exception>
    public static void Install(ushort port) => Commit(SandboxRules.Install(port));

    /// <summary>Takes them away from a namespace; none is no error.</summary>
    /// <exception cref="KernelException">The kernel refused, or the namespace can't be entered.</exception>
    public static void Remove(NetworkNamespace netns) => NamespaceThread.Run(netns, () => Commit(SandboxRules.Remove()));

    private static void Commit(NftablesBatch batch)
    {
        using NftablesSocket nftables = new();
        nftables.Commit(batch);
    }
}
