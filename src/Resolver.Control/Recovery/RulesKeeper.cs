// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Control.Writing;
using Resolver.Linux;
using Resolver.Networking;
using Resolver.Networking.Coexistence;

namespace Resolver.Control.Recovery;

/// <summary>
/// Brings our tables back when somebody deletes them, and looks again at other programs' chains when some come. Against one who keeps at it, it
/// waits longer each time.
/// </summary>
internal sealed partial class RulesKeeper
{
    // Docker and the like make their chains one by one.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private const int FreeRestorations = 3;
    private const int MostRepetitions = 100;

    private readonly HostNetworking _networking;
    private readonly Writer _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _restorations;
    private long _restoredAt;

    internal RulesKeeper(HostNetworking networking, Writer writer, TimeProvider time, ILogger logger)
    {
        _networking = networking;
        _writer = writer;
        _time = time;
        _logger = logger;
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
            // Not each time that something was missed: to make the tables anew is more than may be heard of at once, too.
            if (changes.HasFlag(RulesChanges.OurTables) || (changes.HasFlag(RulesChanges.Missed) && !_networking.HasTables))
            {
                await RestoreAsync(cancellationToken);
            }

            if (changes.HasFlag(RulesChanges.OthersChains))
            {
                await Task.Delay(Gathering, _time, cancellationToken);
                _networking.LookAtForeignRules();
            }
        }
    }

    private async Task RestoreAsync(CancellationToken cancellationToken)
    {
        _restorations = _time.GetElapsedTime(_restoredAt) > Quiet ? 1 : _restorations + 1;
        TimeSpan pause = PauseBefore(_restorations);
        LogRestoring(_restorations, pause.TotalSeconds);
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

        _restoredAt = _time.GetTimestamp();
    }

    private static TimeSpan PauseBefore(int restoration)
    {
        int doublings = Math.Clamp(restoration - FreeRestorations, 0, 8);
        return doublings == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(250 << doublings, LongestPause.TotalMilliseconds));
    }

    [LoggerMessage(
        EventId = 4032, Level = LogLevel.Warning, Message = "Somebody deleted our nftables tables; they are made again (time {Number} of late, after a pause of {Pause} s)")]
    private partial void LogRestoring(int number, double pause);

    [LoggerMessage(EventId = 4033, Level = LogLevel.Error, Message = "Our nftables tables were deleted and can't be made again; the next change tries to")]
    private partial void LogNotRestored(Exception exception);
}
