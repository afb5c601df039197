// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Store;

namespace Resolver.Control.Changes;

/// <summary>When an edit must be on disk.</summary>
internal enum Durability
{
    /// <summary>Never: names taken back while the kernel works. The store keeps the object, so a crash in between restores it whole.</summary>
    Memory,

    /// <summary>With the next commit: a fact that recovery would find out again.</summary>
    Later,

    /// <summary>Before anything follows from it.</summary>
    Now,
}

/// <summary>Operations on desired state.</summary>
/// <param name="Durability">When they must be on disk.</param>
/// <param name="Operations">In their order; may be empty.</param>
internal sealed record StateEdit(Durability Durability, ImmutableArray<StoreOperation> Operations)
{
    internal static StateEdit None { get; } = new(Durability.Memory, []);

    internal static StateEdit Commit(params ImmutableArray<StoreOperation> operations) => new(Durability.Now, operations);

    internal static StateEdit CommitLater(params ImmutableArray<StoreOperation> operations) => new(Durability.Later, operations);

    internal static StateEdit InMemory(params ImmutableArray<StoreOperation> operations) => new(Durability.Memory, operations);
}
