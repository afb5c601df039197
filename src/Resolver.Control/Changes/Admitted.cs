// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Lanes;
using Resolver.Core.Names;

namespace Resolver.Control.Changes;

/// <summary>A change that was found right.</summary>
/// <param name="Edit">What it does to desired state at once.</param>
/// <param name="Result">What the caller gets in the end; the revision is filled in then.</param>
internal sealed record Admitted(StateEdit Edit, ChangeResult Result)
{
    /// <summary>What the kernel has to do; null when it has no part in the change.</summary>
    internal KernelWork? Work { get; init; }

    /// <summary>What happens to desired state when the kernel has done it.</summary>
    internal StateEdit Success { get; init; } = StateEdit.None;

    /// <summary>What happens to desired state when the kernel refuses.</summary>
    internal StateEdit Failure { get; init; } = StateEdit.None;

    /// <summary>Networks and sandboxes that no other change may touch until the kernel has done it.</summary>
    internal ImmutableArray<ObjectId> Claims { get; init; } = [];
}
