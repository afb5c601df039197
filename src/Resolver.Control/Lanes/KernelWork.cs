// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;

namespace Resolver.Control.Lanes;

/// <summary>What an admitted change asks of the kernel. All or nothing. The set of cases is closed.</summary>
internal abstract record KernelWork
{
    private KernelWork()
    {
    }

    /// <summary>Makes a network.</summary>
    internal sealed record MakeNetwork(Network Network) : KernelWork;

    /// <summary>Removes a network.</summary>
    internal sealed record RemoveNetwork(Network Network) : KernelWork;

    /// <summary>Pins a namespace that was made for it, writes the files, starts the responder.</summary>
    internal sealed record MakeSandbox(Sandbox Sandbox) : KernelWork;

    /// <summary>Removes a sandbox with all its endpoints.</summary>
    internal sealed record RemoveSandbox(Sandbox Sandbox, ImmutableArray<PlacedEndpoint> Endpoints) : KernelWork;

    /// <summary>Makes an endpoint, and the responder if it is the sandbox's first.</summary>
    internal sealed record Connect(PlacedEndpoint Endpoint, Sandbox Sandbox) : KernelWork
    {
        /// <summary>Endpoints that give up a default route to this one.</summary>
        internal ImmutableArray<Reelected> Reelected { get; init; } = [];
    }

    /// <summary>Removes an endpoint.</summary>
    internal sealed record Disconnect(PlacedEndpoint Endpoint, Sandbox Sandbox) : KernelWork
    {
        /// <summary>Endpoints that take over a default route from this one.</summary>
        internal ImmutableArray<Reelected> Reelected { get; init; } = [];

        /// <summary>True if the sandbox goes with it.</summary>
        internal bool ForgetsSandbox { get; init; }
    }

    /// <summary>Publishes other ports of an endpoint that is there.</summary>
    internal sealed record Republish(PlacedEndpoint Endpoint, Endpoint After, Sandbox Sandbox) : KernelWork;

    /// <summary>Makes a network again what it should be.</summary>
    internal sealed record RepairNetwork(Network Network) : KernelWork;

    /// <summary>Makes an endpoint's link, and what it publishes, again what they should be.</summary>
    internal sealed record RepairEndpoint(PlacedEndpoint Endpoint, Sandbox Sandbox) : KernelWork;
}

/// <summary>An endpoint with its network.</summary>
internal sealed record PlacedEndpoint(Endpoint Endpoint, Network Network);
