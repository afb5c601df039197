// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Resolver.Control.Lanes;
using Resolver.Control.Sandboxes;
using Resolver.Control.Writing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Processes;
using Resolver.Store;

namespace Resolver.Control.Recovery;

/// <summary>
/// Brings the kernel to desired state at the start: names are served first, then networks and endpoints are adopted or repaired; pending
/// endpoints are completed; what belongs to a namespace that is gone is removed. An object that fails is logged and kept, and the rest goes on.
/// </summary>
internal sealed partial class Recoverer
{
    private const int SandboxesAtOnce = 16;

    private readonly ControlOptions _options;
    private readonly WriterRooms _rooms;
    private readonly Writer _writer;
    private readonly ILogger _logger;

    internal Recoverer(ControlOptions options, WriterRooms rooms, Writer writer, ILogger logger)
    {
        _options = options;
        _rooms = rooms;
        _writer = writer;
        _logger = logger;
    }

    internal async Task RecoverAsync(CancellationToken cancellationToken)
    {
        DesiredState state = _writer.Current;
        _rooms.Publisher.PublishAll(state);
        ConcurrentBag<Sandbox> gone = [];

        // Side by side: replacing the rules of one sandbox waits for an RCU grace period, 12 ms in which nothing is done.
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = SandboxesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(state.Sandboxes.Values, parallel, async (sandbox, _) =>
        {
            if (!await TryServeAsync(state, sandbox))
            {
                gone.Add(sandbox);
            }
        });

        // In one transaction: what a daemon left behind that died with another state goes, and no packet meets less than before.
        await TryAsync("the nftables tables", () => _rooms.Worker.RebuildTablesAsync(state));
        foreach (Network network in state.Networks.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TryAsync($"network {network.Name}", () => _rooms.Worker.ConvergeAsync(new Networking.Planning.DesiredNetwork(network)));
        }

        foreach (Sandbox sandbox in gone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await RemoveAsync(state, sandbox);
        }

        // Those without a default route first: a crash may have left theirs in the way.
        IEnumerable<Endpoint> endpoints = _writer.Current.Endpoints.Values
            .OrderBy(endpoint => endpoint.ProvidesDefaultRoute || endpoint.ProvidesIPv6DefaultRoute)
            .ThenBy(EndpointKey.Of);
        foreach (Endpoint endpoint in endpoints)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ConvergeAsync(state, endpoint);
        }
    }

    /// <returns>False if the sandbox is gone; true if it is served, or should be but can't.</returns>
    private async Task<bool> TryServeAsync(DesiredState state, Sandbox sandbox)
    {
        if (!TryOpenProcess(sandbox, out ProcessHandle? process))
        {
            return false;
        }

        bool isThere = true;
        await TryAsync($"sandbox {sandbox.Name}", () =>
        {
            if (NetnsPins.TryOpen(sandbox) is not { } netns)
            {
                isThere = false;
                return Task.CompletedTask;
            }

            _rooms.Worker.Start(sandbox, netns, new KernelScene(_rooms.Publisher.ViewOf(state, sandbox), null, null)
            {
                TakeNetns = () => null,
                TakePorts = () => null,
                TakeProcess = () => Interlocked.Exchange(ref process, null),
            });
            NetnsFiles.Of(state, sandbox, _options)?.Write();
            return Task.CompletedTask;
        });
        if (isThere && _rooms.Runtimes.Find(sandbox.Id) is null)
        {
            // It failed and was logged: still watched, so that it goes when its namespace does.
            _rooms.Ends.Watch(sandbox.Id, Interlocked.Exchange(ref process, null));
        }

        process?.Dispose();
        return isThere;
    }

    private static bool TryOpenProcess(Sandbox sandbox, out ProcessHandle? process)
    {
        process = null;
        if (sandbox.Process is not { } identity)
        {
            return true;
        }

        try
        {
            process = ProcessHandle.Open(identity.Pid);
        }
        catch (KernelException e) when (e.Errno is Errno.ESRCH)
        {
            return false;
        }

        if (process.StartTimeTicks == identity.StartTimeTicks && !process.HasEnded)
        {
            return true;
        }

        process.Dispose();
        process = null;
        return false;
    }

    private async Task ConvergeAsync(DesiredState state, Endpoint endpoint)
    {
        Sandbox sandbox = state.Sandboxes[endpoint.SandboxId];
        if (_rooms.Runtimes.Find(sandbox.Id) is null)
        {
            return; // Its sandbox failed, and that is logged.
        }

        PlacedEndpoint placed = new(endpoint, state.Networks[endpoint.NetworkId]);
        bool isDone = await TryAsync(
            string.Create(CultureInfo.InvariantCulture, $"endpoint of {sandbox.Name} on {placed.Network.Name}"),
            () => _rooms.Worker.ConvergeAsync(placed, sandbox, present: true));
        if (isDone && endpoint.Phase == EndpointPhase.Pending)
        {
            _writer.Note([new StoreOperation.PutEndpoint(endpoint with { Phase = EndpointPhase.Settled })]);
        }
    }

    private async Task RemoveAsync(DesiredState state, Sandbox sandbox)
    {
        PlacedEndpoint[] endpoints =
            [.. state.EndpointsOfSandbox(sandbox.Id).Select(endpoint => new PlacedEndpoint(endpoint, state.Networks[endpoint.NetworkId]))];
        bool isDone = await TryAsync($"sandbox {sandbox.Name}", () => _rooms.Worker.ExecuteAsync(
            new KernelWork.RemoveSandbox(sandbox, [.. endpoints]), new KernelScene(_rooms.Publisher.ViewOf(state, sandbox), null, null)
            {
                TakeNetns = () => null,
                TakePorts = () => null,
                TakeProcess = () => null,
            }));
        if (isDone)
        {
            LogGone(sandbox.Name.Value, sandbox.NetnsPath);
            _writer.Note(
            [
                .. endpoints.Select(placed => new StoreOperation.DeleteEndpoint(placed.Endpoint.Id)), new StoreOperation.DeleteSandbox(sandbox.Id),
            ]);
        }
        else
        {
            _rooms.Ends.Watch(sandbox.Id, null); // The sweep tries again.
        }
    }

    private async Task<bool> TryAsync(string what, Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (Exception e) when (e is KernelException or RefusedException or IOException or UnauthorizedAccessException)
        {
            LogNotRecovered(what, e);
            return false;
        }
    }

    [LoggerMessage(EventId = 4030, Level = LogLevel.Error, Message = "Recovery of {What} failed; the rest goes on")]
    private partial void LogNotRecovered(string what, Exception exception);

    [LoggerMessage(EventId = 4031, Level = LogLevel.Information, Message = "Sandbox {Sandbox} ended while no daemon ran ({NetnsPath}); removed")]
    private partial void LogGone(string sandbox, string netnsPath);
}
