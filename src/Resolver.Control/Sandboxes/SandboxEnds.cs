// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Linux.Processes;

namespace Resolver.Control.Sandboxes;

/// <summary>Notices that a sandbox has ended: its process at once, its namespace at the next sweep. Reports it; removes nothing itself.</summary>
internal sealed partial class SandboxEnds : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ObjectId, Watched> _watched = new();
    private readonly Action<ObjectId> _report;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();

    /// <param name="options">Where things lie.</param>
    /// <param name="report">Queues the removal of a sandbox.</param>
    /// <param name="logger">Where ends are logged.</param>
    internal SandboxEnds(ControlOptions options, Action<ObjectId> report, ILogger logger)
    {
        Options = options;
        _report = report;
        _logger = logger;
    }

    internal ControlOptions Options { get; }

    /// <summary>Sandboxes whose process has ended and that are still there. Costs a poll of each process; asked only when a change is refused.</summary>
    internal IEnumerable<ObjectId> Ended => _watched.Where(entry => entry.Value.Process is { HasEnded: true }).Select(entry => entry.Key);

    /// <summary>Watches a sandbox until <see cref="Forget"/>; takes over the process handle.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="process">The process whose end is its end; null if it has none.</param>
    internal void Watch(ObjectId sandbox, ProcessHandle? process)
    {
        Watched watched = new(process, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
        _watched[sandbox] = watched;
        if (process is not null)
        {
            watched.Wait = WaitAsync(sandbox, process, watched.Stop.Token);
        }
    }

    internal void Forget(ObjectId sandbox)
    {
        if (_watched.TryRemove(sandbox, out Watched? watched))
        {
            watched.Stop.Cancel();
            watched.Process?.Dispose();
            watched.Stop.Dispose();
        }
    }

    /// <summary>Reports the watched sandboxes whose namespace's file is gone or leads elsewhere, and those whose process has ended.</summary>
    internal void Sweep(DesiredState state)
    {
        foreach ((ObjectId id, Watched watched) in _watched)
        {
            if (state.Sandboxes.TryGetValue(id, out Sandbox? sandbox) && (watched.Process is { HasEnded: true } || !NetnsPins.IsThere(sandbox)))
            {
                LogEnded(sandbox.Name.Value, sandbox.NetnsPath);
                _report(id);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach ((ObjectId id, Watched watched) in _watched)
        {
            await watched.Wait;
            Forget(id);
        }

        _stop.Dispose();
    }

    private async Task WaitAsync(ObjectId sandbox, ProcessHandle process, CancellationToken stop)
    {
        try
        {
            await process.WaitForEndAsync(stop);
            _report(sandbox);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Forgotten before its process ended.
        }
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Information, Message = "Sandbox {Sandbox} has ended: {NetnsPath} or its process is gone")]
    private partial void LogEnded(string sandbox, string netnsPath);

    private sealed record Watched(ProcessHandle? Process, CancellationTokenSource Stop)
    {
        internal Task Wait { get; set; } = Task.CompletedTask;
    }
}
