// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Control.Writing;
using Resolver.Linux;
using Resolver.Networking;
using Resolver.Networking.Coexistence;

namespace Resolver.Control.Recovery;

/// <summary>
/// Brings our tables back when somebody deletes them or what is in them, and looks again at other programs' chains when some come. Against one who
/// keeps at it, it waits longer each time.
/// </summary>
internal sealed partial class RulesKeeper
{
    // Docker and the like make their chains one by one.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);
    private const int MostRepetitions = 100;

    private readonly HostNetworking _networking;
    private readonly Writer _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RepairPace _pace;

    internal RulesKeeper(HostNetworking networking, Writer writer, TimeProvider time, ILogger logger)
    {
        _networking = networking;
        _writer = writer;
        _time = time;
        _logger = logger;
        _pace = new RepairPace(time);
    }

    /// <summary>Makes the tables exactly what a state needs; where there are none and nothing needs them, the first network makes them.</summary>
    /// <exception cref="KernelException">The kernel refused.</exception>
    internal static void Rebuild(HostNetworking networking, DesiredState state)
    {
        if (!state.Networks.IsEmpty || networking.HasTables)
        {
            // In the order in which they came, so that a listing of the tables reads as before.
            networking.RebuildTables(
                state.Networks.Values.OrderBy(network => network.CreatedAt),
                state.Endpoints.Values.OrderBy(EndpointKey.Of).Select(endpoint => (endpoint, state.Networks[endpoint.NetworkId])));
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using RulesWatch watch = _networking.WatchRules();
        _networking.LookAtForeignRules(); // What came between the start and the watch.
        while (true)
        {
            RulesChanges changes = await watch.NextAsync(cancellationToken);
            if (!changes.Deleted.IsEmpty || changes.MissedSome)
            {
                await RestoreAsync(changes, cancellationToken);
            }

            if (changes.ChangedOthers)
            {
                await Task.Delay(Gathering, _time, cancellationToken);
                _networking.LookAtForeignRules();
            }
        }
    }

    private async Task RestoreAsync(RulesChanges changes, CancellationToken cancellationToken)
    {
        TimeSpan pause = _pace.Next();
        if (changes.Deleted.IsEmpty)
        {
            LogMissed(_pace.Number, pause.TotalSeconds);
        }
        else
        {
            LogRestoring(changes.DeletedText, _pace.Number, pause.TotalSeconds);
        }

        await Task.Delay(pause, _time, cancellationToken);
        try
        {
            // A change that is under way may be in the kernel and not in the state, or the reverse: once more when it is done.
            bool isSettled = false;
            for (int i = 0; i < MostRepetitions && !isSettled; i++)
            {
                isSettled = _writer.IsIdle;
                Rebuild(_networking, _writer.Current);
                if (!isSettled)
                {
                    await Task.Delay(Gathering, _time, cancellationToken);
                }
            }
        }
        catch (KernelException e)
        {
            LogNotRestored(e);
        }

        _pace.Done();
    }

    [LoggerMessage(
        EventId = 4032, Level = LogLevel.Warning, Message = "Somebody deleted {Deleted}; our nftables tables are made again (time {Number} of late, after a pause of {Pause} s)")]
    private partial void LogRestoring(string deleted, int number, double pause);

    [LoggerMessage(
        EventId = 4034, Level = LogLevel.Warning, Message = "More changes of the ruleset than could be heard of; our nftables tables are made again (time {Number} of late, after a pause of {Pause} s)")]
    private partial void LogMissed(int number, double pause);

    [LoggerMessage(EventId = 4033, Level = LogLevel.Error, Message = "Our nftables tables were damaged and can't be made again; the next change tries to")]
    private partial void LogNotRestored(Exception exception);
}
