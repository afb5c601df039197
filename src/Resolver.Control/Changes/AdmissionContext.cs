// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Control.Changes;

/// <summary>All that an admission may look at: it does no I/O, and takes time and chance from here.</summary>
internal sealed record AdmissionContext
{
    internal required DesiredState State { get; init; }

    internal required ControlOptions Options { get; init; }

    internal required DateTimeOffset Now { get; init; }

    /// <summary>Gives this many random octets.</summary>
    internal required Func<int, byte[]> RandomBytes { get; init; }

    /// <summary>What was found out about the world before the change was queued.</summary>
    internal required WorldFacts World { get; init; }

    internal ObjectId NewId() => ObjectId.FromBytes(RandomBytes(ObjectId.LengthBytes));
}

/// <summary>Facts of the kernel that an admission needs.</summary>
internal sealed record WorldFacts
{
    internal static WorldFacts None { get; } = new();

    /// <summary>Prefixes that the host has routes or addresses for, ours left out.</summary>
    internal ImmutableArray<Subnet> HostPrefixes { get; init; } = [];

    /// <summary>The host's nameservers: a subnet over one of them would cut the host off from it.</summary>
    internal ImmutableArray<IPAddress> HostNameservers { get; init; } = [];

    /// <summary>The namespace that the change is about; null if it names none.</summary>
    internal NetnsIdentity? Netns { get; init; }

    /// <summary>Where that namespace is found.</summary>
    internal string? NetnsPath { get; init; }

    /// <summary>The ports of the host that were found for the change.</summary>
    internal ImmutableArray<PublishedPort> Ports { get; init; } = [];

    /// <summary>The process that the change names; null if it names none.</summary>
    internal ProcessIdentity? Process { get; init; }
}
