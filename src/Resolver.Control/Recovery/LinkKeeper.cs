// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Control.Changes;
using Resolver.Control.Writing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Networking;
using Resolver.Networking.Coexistence;

namespace Resolver.Control.Recovery;

/// <summary>
/// Brings links of ours back that somebody deletes or changes. What it hears of includes our own changes, so an event says only where to look; what is
/// wrong there is repaired by a change of its own, in the writer's order. Against one who keeps at a link, it waits longer each time.
/// </summary>
internal sealed partial class LinkKeeper
{
    // A link comes, gets its settings and goes up in several messages; and one look costs less than one for each.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly HostNetworking _networking;
    private readonly Writer _writer;
    private readonly Func<ObjectId, bool> _isServed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, UnderRepair> _repairs = [];
    private readonly Dictionary<ObjectId, RepairPace> _paces = [];
    private bool _isStopping;
    private bool _hasMissed;

    /// <param name="networking">Who knows the links.</param>
    /// <param name="writer">Who admits the repairs.</param>
    /// <param name="isServed">Whether a sandbox's namespace is open: without it nothing can be done for its endpoints.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failures go.</param>
    internal LinkKeeper(HostNetworking networking, Writer writer, Func<ObjectId, bool> isServed, TimeProvider time, ILogger logger)
    {
        _networking = networking;
        _writer = writer;
        _isServed = isServed;
        _time = time;
        _logger = logger;
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="KernelException">The links can't be watched.</exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using LinksWatch watch = _networking.WatchLinks();
        try
        {
            LinksChanges changes = LinksChanges.All; // What came between the start and the watch.
            while (true)
            {
                Look(changes, cancellationToken);
                await watch.WaitAsync(cancellationToken);
                await Task.Delay(Gathering, _time, cancellationToken);
                changes = watch.Take();
                changes = Interlocked.Exchange(ref _hasMissed, false) ? LinksChanges.All : changes;
            }
        }
        finally
        {
            await Task.WhenAll(Stop());
        }
    }

    private void Look(LinksChanges changes, CancellationToken cancellationToken)
    {
        DesiredState state = _writer.Current;
        Look([.. state.Networks.Values.Where(changes.MayConcern)], [.. state.Endpoints.Values.Where(changes.MayConcern)], cancellationToken);
    }

    private void Look(IReadOnlyCollection<Network> networks, IReadOnlyCollection<Endpoint> endpoints, CancellationToken cancellationToken)
    {
        ImmutableArray<ObjectId> found = FindDamaged(networks, endpoints);
        lock (_lock)
        {
            foreach (ObjectId damaged in _isStopping ? [] : found)
            {
                if (_repairs.TryGetValue(damaged, out UnderRepair? underWay))
                {
                    underWay.IsSeenAgain = true;
                }
                else
                {
                    _repairs[damaged] = new UnderRepair(Task.Run(() => RepairAsync(damaged, cancellationToken), CancellationToken.None));
                }
            }
        }
    }

    private Task[] Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            return [.. _repairs.Values.Select(repair => repair.Task)];
        }
    }

    private ImmutableArray<ObjectId> FindDamaged(IReadOnlyCollection<Network> networks, IReadOnlyCollection<Endpoint> endpoints)
    {
        DesiredState state = _writer.Current;
        try
        {
            return _networking.FindDamaged(networks,
            [
                .. endpoints.Where(endpoint => endpoint.Phase == EndpointPhase.Settled && _isServed(endpoint.SandboxId) && state.Networks.ContainsKey(endpoint.NetworkId))
                    .Select(endpoint => (endpoint, state.Networks[endpoint.NetworkId])),
            ]);
        }
        catch (KernelException e)
        {
            LogNotLooked(e);
            Volatile.Write(ref _hasMissed, true);
            return [];
        }
    }

    // Until it is as it should be, or nobody wants it any more.
    private async Task RepairAsync(ObjectId damaged, CancellationToken cancellationToken)
    {
        string? failure = null;
        try
        {
            do
            {
                (RepairPace pace, TimeSpan pause) = PaceOf(damaged);
                await Task.Delay(pause, _time, cancellationToken);
                failure = await TryRepairAsync(damaged, failure);
                pace.Done();
                if (failure is null && _writer.Current.Networks.ContainsKey(damaged))
                {
                    Look([], _writer.Current.EndpointsOfNetwork(damaged), cancellationToken); // A bridge that was made anew has no ports.
                }
            }
            while (!IsDone(damaged));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon stops.
        }
    }

    /// <returns>Why it failed, if it did: told once for as long as the reason stays the same.</returns>
    private async Task<string?> TryRepairAsync(ObjectId damaged, string? lastFailure)
    {
        try
        {
            await _writer.SubmitAsync(new PreparedChange(new Repair(damaged), WorldFacts.None));
            return null;
        }
        catch (Exception e) when (e is KernelException or RefusedException or IOException or UnauthorizedAccessException)
        {
            if (e.Message != lastFailure && e is not RefusedException { Reason: FailureReason.Unavailable })
            {
                LogNotRepaired(e);
            }

            return e.Message;
        }
    }

    private bool IsDone(ObjectId id)
    {
        while (true)
        {
            if (IsDamaged(id))
            {
                return false;
            }

            // What was seen since then was seen by somebody who left it to this repair.
            lock (_lock)
            {
                if (!_repairs[id].IsSeenAgain)
                {
                    _repairs.Remove(id);
                    return true;
                }

                _repairs[id].IsSeenAgain = false;
            }
        }
    }

    private bool IsDamaged(ObjectId id)
    {
        DesiredState state = _writer.Current;
        Network[] network = state.Networks.TryGetValue(id, out Network? foundNetwork) ? [foundNetwork] : [];
        Endpoint[] endpoint = state.Endpoints.TryGetValue(id, out Endpoint? foundEndpoint) ? [foundEndpoint] : [];
        return !FindDamaged(network, endpoint).IsEmpty;
    }

    private (RepairPace Pace, TimeSpan Pause) PaceOf(ObjectId id)
    {
        lock (_lock)
        {
            foreach (ObjectId other in _paces.Keys.Where(other => _paces[other].IsQuiet && !_repairs.ContainsKey(other)).ToArray())
            {
                _paces.Remove(other);
            }

            if (!_paces.TryGetValue(id, out RepairPace? pace))
            {
                pace = _paces[id] = new RepairPace(_time);
            }

            return (pace, pace.Next());
        }
    }

    [LoggerMessage(EventId = 4035, Level = LogLevel.Warning, Message = "A link of ours that somebody changed can't be repaired yet; it is tried again and again")]
    private partial void LogNotRepaired(Exception exception);

    [LoggerMessage(EventId = 4036, Level = LogLevel.Error, Message = "Links that changed can't be looked at; all are when something changes again")]
    private partial void LogNotLooked(Exception exception);

    private sealed class UnderRepair(Task task)
    {
        internal Task Task { get; } = task;

        /// <summary>True if it was found damaged once more; whether before or after the repair, only another look tells.</summary>
        internal bool IsSeenAgain { get; set; }
    }
}
