// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Control.Recovery;
using Resolver.Control.Sandboxes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Dns.Serving;
using Resolver.Linux.Namespaces;
using Resolver.Networking;
using Resolver.Networking.Planning;

namespace Resolver.Control.Lanes;

/// <summary>
/// Carries admitted changes to the kernel, each all or nothing. The writer lets no two of them touch the same sandbox; steps of one network
/// go through its lane.
/// </summary>
internal sealed partial class KernelWorker
{
    private readonly HostNetworking _networking;
    private readonly DnsService _dns;
    private readonly SandboxRuntimes _runtimes;
    private readonly SandboxEnds _ends;
    private readonly ILogger _logger;
    private readonly NetworkLanes _lanes = new();

    internal KernelWorker((HostNetworking Networking, DnsService Dns) rooms, SandboxRuntimes runtimes, SandboxEnds ends, ILogger logger)
    {
        (_networking, _dns) = rooms;
        _runtimes = runtimes;
        _ends = ends;
        _logger = logger;
    }

    /// <summary>Does the work, or leaves the kernel as it was.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    /// <exception cref="RefusedException">A file that is not ours is in the way, or the namespace is gone.</exception>
    internal Task ExecuteAsync(KernelWork work, KernelScene scene) => work switch
    {
        KernelWork.MakeNetwork make => ConvergeAsync(new DesiredNetwork(make.Network)),
        KernelWork.RemoveNetwork remove => ConvergeAsync(new DesiredNetwork(remove.Network, Present: false)),
        KernelWork.MakeSandbox make => MakeAsync(make.Sandbox, scene),
        KernelWork.RemoveSandbox remove => RemoveAsync(remove),
        KernelWork.Connect connect => ConnectAsync(connect, scene),
        KernelWork.Disconnect disconnect => DisconnectAsync(disconnect, scene),
        KernelWork.Republish republish => RepublishAsync(republish, scene),
        KernelWork.RepairNetwork repair => RepairAsync(repair.Network),
        KernelWork.RepairEndpoint repair => RepairAsync(repair.Endpoint, repair.Sandbox),
        _ => throw new ArgumentException($"{work.GetType().Name} is no kernel work", nameof(work)),
    };

    /// <summary>Holds the host's ports and makes our tables exactly what a state needs; for use while no change is under way.</summary>
    internal Task RebuildTablesAsync(DesiredState state) => Task.Run(() =>
    {
        _networking.HoldPorts(state.Endpoints.Values.Select(endpoint => (endpoint, state.Networks[endpoint.NetworkId])));
        RulesKeeper.Rebuild(_networking, state);
    });

    internal Task ConvergeAsync(DesiredNetwork desired) =>
        _lanes.RunAsync(desired.Network.Id, () => _networking.ConvergeAsync(desired, CancellationToken.None));

    internal Task ConvergeAsync(PlacedEndpoint placed, Sandbox sandbox, bool present) => _lanes.RunAsync(
        placed.Network.Id,
        () => _networking.ConvergeAsync(
            new DesiredEndpoint(placed.Endpoint, placed.Network, sandbox, present), _runtimes.Find(sandbox.Id)?.Access, CancellationToken.None));

    /// <summary>Starts to serve a sandbox; takes over the namespace and the process.</summary>
    internal void Start(Sandbox sandbox, NetworkNamespace netns, KernelScene scene)
    {
        _ = Serve(sandbox, netns, scene);
        _ends.Watch(sandbox.Id, scene.TakeProcess());
    }

    private SandboxRuntime Serve(Sandbox sandbox, NetworkNamespace netns, KernelScene scene)
    {
        SandboxRuntime runtime = SandboxRuntime.Open(netns, scene.View, _dns);
        _runtimes.Add(sandbox.Id, runtime);
        return runtime;
    }

    private async ValueTask StopAsync(Sandbox sandbox)
    {
        _ends.Forget(sandbox.Id);
        if (!sandbox.OwnsNetns && _runtimes.Find(sandbox.Id) is { } runtime)
        {
            runtime.UndoRewriting();
        }

        await _runtimes.RemoveAsync(sandbox.Id);
    }

    private async Task MakeAsync(Sandbox sandbox, KernelScene scene)
    {
        await using Undo undo = new(_logger);
        NetworkNamespace netns = scene.TakeNetns() ?? throw new InvalidOperationException("a sandbox is made of a fresh namespace");
        await using Undo close = new(_logger);
        close.Push("open namespace", netns.Dispose);
        scene.After?.RefuseForeign(sandbox.Name);
        NetnsPins.Pin(sandbox, netns);
        undo.Push("pin namespace", () => NetnsPins.Unpin(sandbox));
        if (scene.After is { } files)
        {
            undo.Push("write files", () => NetnsFiles.Remove(files.Directory));
            files.Write();
        }

        close.Keep(); // From here the runtime closes the namespace, also when it fails to start.
        Start(sandbox, netns, scene);
        undo.Keep();
    }

    private async Task ConnectAsync(KernelWork.Connect connect, KernelScene scene)
    {
        await using Undo undo = new(_logger);
        Sandbox sandbox = connect.Sandbox;
        if (_runtimes.Find(sandbox.Id) is null)
        {
            NetworkNamespace netns = scene.TakeNetns() ?? NetnsPins.TryOpen(sandbox) ?? throw RefusedException.WrongState(
                $"sandbox {sandbox.Name}", $"connect {sandbox.Name} to {connect.Endpoint.Network.Name}: its namespace {sandbox.NetnsPath} is gone");
            SandboxRuntime runtime = Serve(sandbox, netns, scene);
            undo.Push("serve sandbox", () => StopAsync(sandbox));
            if (runtime.HasRaisedLoopback)
            {
                undo.Push("raise loopback", runtime.LowerLoopback);
            }

            _ends.Watch(sandbox.Id, scene.TakeProcess());
        }

        undo.Push("write files", () => Rewrite(scene.Before, scene.After));
        scene.After?.Write();
        if (scene.TakePorts() is { } ports)
        {
            ObjectId id = connect.Endpoint.Endpoint.Id;
            _networking.KeepPorts(id, ports);
            undo.Push("keep ports", () => _networking.ReleasePorts(id));
        }

        await ReelectAsync(connect.Reelected, sandbox, undo);
        await ConvergeAsync(connect.Endpoint, sandbox, present: true);
        undo.Push("make endpoint", () => new ValueTask(ConvergeAsync(connect.Endpoint, sandbox, present: false)));
        undo.Keep();
    }

    private async Task RepublishAsync(KernelWork.Republish republish, KernelScene scene)
    {
        (PlacedEndpoint placed, Endpoint after, Sandbox sandbox) = (republish.Endpoint, republish.After, republish.Sandbox);
        await using Undo undo = new(_logger);
        if (scene.TakePorts() is { } ports)
        {
            ImmutableArray<PublishedPort> kept = ports.Ports;
            _networking.KeepPorts(after.Id, ports);
            undo.Push("keep ports", () => _networking.ReleasePorts(after.Id, kept));
        }

        DesiredEndpoint before = new(placed.Endpoint, placed.Network, sandbox);
        await _lanes.RunAsync(placed.Network.Id, () => _networking.RepublishAsync(before, after, CancellationToken.None));
        undo.Keep();
    }

    private async Task DisconnectAsync(KernelWork.Disconnect disconnect, KernelScene scene)
    {
        await using Undo undo = new(_logger);
        Sandbox sandbox = disconnect.Sandbox;
        await ConvergeAsync(disconnect.Endpoint, sandbox, present: false);
        undo.Push("remove endpoint", () => new ValueTask(ConvergeAsync(disconnect.Endpoint, sandbox, present: true)));
        await ReelectAsync(disconnect.Reelected, sandbox, undo);
        undo.Push("rewrite files", () => scene.Before?.Write());
        Rewrite(disconnect.ForgetsSandbox ? null : scene.After, scene.Before);
        undo.Keep();
        if (disconnect.ForgetsSandbox)
        {
            await StopAsync(sandbox);
        }
    }

    // Those that give a route up go first, so that there is never a second one.
    private async Task ReelectAsync(ImmutableArray<Reelected> reelected, Sandbox sandbox, Undo undo)
    {
        foreach (Reelected change in reelected.OrderBy(change => change.After.ProvidesDefaultRoute || change.After.ProvidesIPv6DefaultRoute))
        {
            undo.Push("move default route", () => new ValueTask(ConvergeAsync(new PlacedEndpoint(change.Before, change.Network), sandbox, present: true)));
            await ConvergeAsync(new PlacedEndpoint(change.After, change.Network), sandbox, present: true);
        }
    }

    private async Task RemoveAsync(KernelWork.RemoveSandbox remove)
    {
        await using Undo undo = new(_logger);
        Sandbox sandbox = remove.Sandbox;
        foreach (PlacedEndpoint placed in remove.Endpoints)
        {
            await ConvergeAsync(placed, sandbox, present: false);
            if (_runtimes.Find(sandbox.Id) is not null)
            {
                undo.Push("remove endpoint", () => new ValueTask(ConvergeAsync(placed, sandbox, present: true)));
            }
        }

        if (NetnsFiles.DirectoryOf(sandbox, _ends.Options) is { } directory)
        {
            NetnsFiles.Remove(directory);
        }

        if (sandbox.OwnsNetns)
        {
            NetnsPins.Unpin(sandbox);
        }

        undo.Keep();
        await StopAsync(sandbox);
    }

    private static void Rewrite(NetnsFiles? files, NetnsFiles? instead)
    {
        if (files is not null)
        {
            files.Write();
        }
        else if (instead is not null)
        {
            NetnsFiles.Remove(instead.Directory);
        }
    }
}
