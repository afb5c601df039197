// SPDX-License-Identifier: Apache-2.0

using Resolver.Control.Sandboxes;
using Resolver.Dns.Zones;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Processes;
using Resolver.Networking.Publishing;

namespace Resolver.Control.Lanes;

/// <summary>What a piece of kernel work needs beside the work itself, taken from desired state when it starts.</summary>
/// <param name="View">What the sandbox sees at first, should its responder start now.</param>
/// <param name="Before">The sandbox's files before the work; null if it has none.</param>
/// <param name="After">The sandbox's files after the work; null if it has none.</param>
internal sealed record KernelScene(SandboxView View, NetnsFiles? Before, NetnsFiles? After)
{
    /// <summary>Gives the open namespace that the change brought along, once; null if it brought none.</summary>
    internal required Func<NetworkNamespace?> TakeNetns { get; init; }

    /// <summary>Gives the ports that were reserved for the change, once; null if there are none.</summary>
    internal required Func<ReservedPorts?> TakePorts { get; init; }

    /// <summary>Gives the open process that the change brought along, once; null if it brought none.</summary>
    internal required Func<ProcessHandle?> TakeProcess { get; init; }
}
