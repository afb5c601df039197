// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Control.Publishing;
using Resolver.Control.Recovery;
using Resolver.Control.Sandboxes;
using Resolver.Control.Writing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Serving;
using Resolver.Dns.Zones;
using Resolver.Networking;
using Resolver.Store;

namespace Resolver.Control;

/// <summary>
/// The order of steps: one writer admits and commits changes, lanes carry them to the kernel, publishing makes names visible, then the
/// caller gets its reply. Readers take <see cref="Current"/> and ask nobody.
/// </summary>
public sealed partial class ControlPlane : IAsyncDisposable
{
    private readonly ControlOptions _options;
    private readonly ILogger<ControlPlane> _logger;
    private readonly Preparation _preparation;
    private readonly SandboxRuntimes _runtimes = new();
    private readonly SandboxEnds _ends;
    private readonly DnsService _dns;
    private readonly HostNetworking _networking;
    private readonly WriterRooms _rooms;
    private readonly CancellationTokenSource _stop = new();
    private volatile Writer? _writer;
    private volatile bool _isOpen;
    private Task _writing = Task.CompletedTask;
    private Task _sweeping = Task.CompletedTask;
    private Task _keeping = Task.CompletedTask;

    /// <summary>Puts the rooms together; nothing runs before <see cref="StartAsync"/>. The calling thread's namespace is the host's.</summary>
    public ControlPlane(
        ControlOptions options, IDesiredStore store, HostNetworking networking, DnsService dns, TimeProvider timeProvider, ILogger<ControlPlane> logger)
    {
        _options = options;
        _dns = dns;
        _networking = networking;
        _logger = logger;
        _preparation = new Preparation(networking, () => dns.HostNameservers);
        _ends = new SandboxEnds(options, EndSandbox, logger);
        _rooms = new WriterRooms(
            store, new Publisher(options, _runtimes), new KernelWorker((networking, dns), _runtimes, _ends, logger), _runtimes, _ends, timeProvider);
    }

    /// <summary>The desired state now: an immutable snapshot. Empty before <see cref="StartAsync"/>.</summary>
    public DesiredState Current => _writer?.Current ?? new DesiredState();

    /// <summary>Loads the store, serves the names, converges the kernel, makes the default network if there is none, and opens for changes.</summary>
    /// <exception cref="RefusedException">The store can't be read, or there is no subnet for the default network.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused the default network.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        StoredState stored = await _rooms.Store.LoadAsync(cancellationToken);
        Writer writer = new(_options, _rooms, DesiredState.Of(stored), _logger);
        _writer = writer;
        await new Recoverer(_options, _rooms, writer, _logger).RecoverAsync(cancellationToken);
        _writing = Task.Run(writer.RunAsync, CancellationToken.None);
        if (writer.Current.FindNetwork(Network.DefaultName) is null)
        {
            CreateNetwork create = new(ObjectName.Parse(Network.DefaultName, "name"), []);
            await writer.SubmitAsync(_preparation.Prepare(create, writer.Current));
        }

        _networking.LookAtForeignRules();
        writer.Flush();
        _sweeping = Task.Run(() => SweepAsync(writer), CancellationToken.None);
        _keeping = Task.WhenAll(
            Task.Run(() => KeepAsync(new RulesKeeper(_networking, writer, _rooms.TimeProvider, _logger).RunAsync, LogRulesNotWatched), CancellationToken.None),
            Task.Run(() => KeepAsync(new LinkKeeper(_networking, writer, IsServed, _rooms.TimeProvider, _logger).RunAsync, LogLinksNotWatched), CancellationToken.None));
        _isOpen = true;
        LogStarted(writer.Current.Networks.Count, writer.Current.Sandboxes.Count, writer.Current.Endpoints.Count);
    }

    /// <summary>The only way in. Returns when the change is durable, in the kernel and visible to questions.</summary>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Ends the wait; a change that was admitted is carried through all the same.</param>
    /// <exception cref="RefusedException">Refused, nothing is changed.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public async Task<ChangeResult> SubmitAsync(Change change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_isOpen || _writer is not { } writer)
        {
            throw NotOpen();
        }

        return await writer.SubmitAsync(_preparation.Prepare(change, writer.Current)).WaitAsync(cancellationToken);
    }

    /// <summary>What of the host stands in the way of the networks: one line each, none when all is well. What announces its changes is not looked at again.</summary>
    public ImmutableArray<string> LookForWarnings()
    {
        _networking.LookAtLegacyRules();
        return _networking.ForeignWarnings;
    }

    /// <summary>Asks a question with the eyes of a sandbox; null if the sandbox has no responder.</summary>
    public async Task<AskedReply?> AskAsync(ObjectId sandbox, ReadOnlyMemory<byte> message) =>
        _runtimes.Find(sandbox) is { } runtime ? await _dns.AskAsync(runtime.Responder.View, message) : null;

    /// <summary>Forgets what upstreams said; returns how many replies that were.</summary>
    /// <param name="name">About this name only; null for every name.</param>
    /// <param name="below">True for the names below it as well.</param>
    /// <param name="network">The upstreams of this network only; null for all. Not together with a name.</param>
    public int FlushDnsCache(DnsName? name, bool below, Network? network) =>
        name is not null ? _dns.FlushCache(name, below)
        : network is not null ? _dns.FlushCache(new SandboxView([], network.Upstreams))
        : _dns.FlushCache();

    /// <summary>Stops taking changes, waits for those under way. Networks stay.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOpen = false;
        await _stop.CancelAsync();
        await _sweeping;
        await _keeping;
        _writer?.Stop();
        await _writing;
        await _ends.DisposeAsync();
        await _runtimes.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SweepAsync(Writer writer)
    {
        using PeriodicTimer timer = new(_options.SweepInterval, _rooms.TimeProvider);
        PortKeeper ports = new(_networking, writer, _logger);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                _ends.Sweep(Current);
                ports.Try();
                _networking.LookAtLegacyRules();
                writer.Flush();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The daemon stops.
        }
    }

    private async Task KeepAsync(Func<CancellationToken, Task> keep, Action<Exception> logFailure)
    {
        try
        {
            await keep(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The daemon stops.
        }
        catch (Linux.KernelException e)
        {
            logFailure(e);
        }
    }

    private bool IsServed(ObjectId sandbox) =>
        _runtimes.Find(sandbox) is not null && Current.Sandboxes.TryGetValue(sandbox, out Core.Endpoints.Sandbox? known) && NetnsPins.IsThere(known);

    private void EndSandbox(ObjectId sandbox) => _ = EndSandboxAsync(sandbox);

    private async Task EndSandboxAsync(ObjectId sandbox)
    {
        try
        {
            if (_writer is { } writer)
            {
                await writer.SubmitAsync(new PreparedChange(new RemoveSandbox(sandbox.Value), WorldFacts.None));
            }
        }
        catch (RefusedException e) when (e.Reason is FailureReason.NotFound or FailureReason.Unavailable or FailureReason.Exhausted)
        {
            // Removed by somebody else meanwhile; or the daemon stops, and recovery removes it; or too busy, and the next sweep tries again.
        }
        catch (Exception e) when (e is Linux.KernelException or RefusedException or IOException or UnauthorizedAccessException)
        {
            LogEndFailed(sandbox.ShortId, e);
        }
    }
}
