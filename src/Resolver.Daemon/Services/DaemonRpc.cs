// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Resolver.Contract.V1;
using Resolver.Control;
using Resolver.Daemon.Hosting;
using Resolver.Daemon.Options;
using DnsCounters = Resolver.Dns.Serving.DnsCounters;

namespace Resolver.Daemon.Services;

/// <summary>DaemonService: serves also while the daemon is starting.</summary>
internal sealed class DaemonRpc(ControlGate control, Func<DnsCounters> dns, TimeProvider timeProvider, IHostApplicationLifetime lifetime)
    : DaemonService.DaemonServiceBase
{
    /// <inheritdoc/>
    public override async Task<DownResponse> Down(DownRequest request, ServerCallContext context)
    {
        TakenDown down = request.Uninstall ? await control.UninstallAsync() : await control.DownAsync(context.CancellationToken);
        DownResponse response = new() { Sandboxes = (uint)down.Sandboxes, Networks = (uint)down.Networks };
        response.Settings.AddRange(down.Settings);
        if (request.Uninstall)
        {
            lifetime.StopApplication(); // Calls that are under way, such as this one, are answered first.
        }

        return response;
    }

    /// <inheritdoc/>
    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context)
    {
        DesiredState state = control.State == DaemonState.Starting ? new DesiredState() : control.Current;
        DnsCounters counters = dns();
        GetStatusResponse response = new()
        {
            Version = Usage.Version,
            Pid = Environment.ProcessId,
            Uptime = Duration.FromTimeSpan(timeProvider.GetElapsedTime(control.StartedAt)),
            State = control.State,
            Revision = state.Revision,
            Networks = (uint)state.Networks.Count,
            Sandboxes = (uint)state.Sandboxes.Count,
            Endpoints = (uint)state.Endpoints.Count,
            Registrations = (uint)state.Registrations.Count,
            Dns = new Contract.V1.DnsCounters
            {
                Questions = counters.Questions,
                LocalAnswers = counters.LocalAnswers,
                Forwarded = counters.Forwarded,
                ForwardingFailures = counters.ForwardingFailures,
                Refused = counters.Refused,
                Malformed = counters.Malformed,
                CacheHits = counters.CacheHits,
                CacheMisses = counters.CacheMisses,
                StaleAnswers = counters.StaleAnswers,
                CacheEntries = counters.CacheEntries,
                CacheBytes = counters.CacheBytes,
            },
        };
        response.Warnings.AddRange(control.LookForWarnings());
        return Task.FromResult(response);
    }
}
