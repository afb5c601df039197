// SPDX-License-Identifier: Apache-2.0

using Resolver.Contract.V1;
using Resolver.Daemon.Options;

namespace Resolver.Daemon.Hosting;

/// <summary>
/// Opens the gate after the socket listens and before the host counts as started, so that status can be asked from the first moment,
/// and systemd hears READY=1 only when changes are taken.
/// </summary>
internal sealed partial class Recovery(ControlGate control, DaemonOptions options, ILogger<Recovery> logger) : IHostedLifecycleService
{
    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await control.OpenAsync(cancellationToken);
        Control.DesiredState state = control.Current;
        LogReady(Usage.Version, options.SocketPath, state.Networks.Count, state.Sandboxes.Count);
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (control.State == DaemonState.Ready)
        {
            control.Close();
            LogStopping();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 201, Level = LogLevel.Information, Message = "resolverd {Version} is ready at {Socket}: {Networks} networks, {Sandboxes} sandboxes")]
    private partial void LogReady(string version, string socket, int networks, int sandboxes);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "resolverd stops; the networks stay")]
    private partial void LogStopping();
}
