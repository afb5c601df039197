// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Networking.Allocation;

namespace Resolver.Control;

/// <summary>Where things live and what is taken by default.</summary>
public sealed record ControlOptions
{
    /// <summary>Where namespaces are pinned under their sandbox's name, as `ip netns` does.</summary>
    public string NetnsDirectory { get; init; } = "/run/netns";

    /// <summary>Where resolv.conf and hosts of sandboxes lie, as `ip netns exec` expects.</summary>
    public string NetnsFilesDirectory { get; init; } = "/etc/netns";

    /// <summary>Where subnets come from when the caller names none.</summary>
    public ImmutableArray<SubnetPool> SubnetPools { get; init; } = [new SubnetPool(Subnet.Parse("10.201.0.0/16", "pool"), 24)];

    /// <summary>TTL of local names.</summary>
    public TimeSpan LocalTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Changes that may wait for the writer; one more is refused as Exhausted.</summary>
    public int MaxQueuedChanges { get; init; } = 10_000;

    /// <summary>How often namespaces and processes of sandboxes are checked for being still there (a process end is noticed at once).</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(2);
}
