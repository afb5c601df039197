// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Core.Endpoints;

/// <summary>One network namespace with one DNS responder. Immutable; a change is a new value under the same <see cref="Id"/>.</summary>
public sealed record Sandbox
{
    /// <summary>The identity.</summary>
    public required ObjectId Id { get; init; }

    /// <summary>The name, unique in the daemon; also a DNS name on every user-defined network that it joins.</summary>
    public required ObjectName Name { get; init; }

    /// <summary>Where the namespace is found: a file such as /run/netns/web or /proc/1234/ns/net.</summary>
    public required string NetnsPath { get; init; }

    /// <summary>The namespace's identity when it was first seen; tells after a restart whether the path still leads to the same one.</summary>
    public required NetnsIdentity Netns { get; init; }

    /// <summary>True if the daemon made the namespace (and pins it under its run directory, and removes it in the end).</summary>
    public bool OwnsNetns { get; init; }

    /// <summary>The process whose end is the sandbox's end; null when the sandbox lives until it is removed.</summary>
    public ProcessIdentity? Process { get; init; }

    /// <summary>The host name inside, also a DNS name; null for the sandbox's name.</summary>
    public DnsName? Hostname { get; init; }

    /// <summary>Upstreams of this sandbox alone, dialled before the networks' own are considered; empty for the networks'.</summary>
    public ImmutableArray<Upstream> Upstreams { get; init; } = [];
}
