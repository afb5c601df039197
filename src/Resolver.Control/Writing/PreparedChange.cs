// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Processes;
using Resolver.Networking.Publishing;

namespace Resolver.Control.Writing;

/// <summary>A change with what was found out and opened for it before it was queued. Closes what nobody took.</summary>
internal sealed class PreparedChange : IDisposable
{
    private NetworkNamespace? _netns;
    private ProcessHandle? _process;
    private ReservedPorts? _ports;

    internal PreparedChange(Change change, WorldFacts world, NetworkNamespace? netns = null, ProcessHandle? process = null)
    {
        Change = change;
        World = world;
        _netns = netns;
        _process = process;
    }

    internal Change Change { get; }

    internal WorldFacts World { get; }

    /// <summary>The caller's reply.</summary>
    internal TaskCompletionSource<ChangeResult> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ended sandboxes that this change has waited for: each once, so that a removal that fails makes no loop.</summary>
    internal HashSet<ObjectId> Awaited { get; } = [];

    internal NetworkNamespace? TakeNetns() => Interlocked.Exchange(ref _netns, null);

    /// <summary>The same with ports of the host; owns what holds them.</summary>
    internal PreparedChange With(ImmutableArray<PublishedPort> ports, ReservedPorts? reserved) =>
        new(Change, World with { Ports = ports }, TakeNetns(), TakeProcess()) { _ports = reserved };

    internal ReservedPorts? TakePorts() => Interlocked.Exchange(ref _ports, null);

    internal ProcessHandle? TakeProcess() => Interlocked.Exchange(ref _process, null);

    public void Dispose()
    {
        TakeNetns()?.Dispose();
        TakeProcess()?.Dispose();
        TakePorts()?.Dispose();
    }
}
