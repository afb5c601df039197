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
internal sealed class DaemonRpc(ControlGate control, Func<DnsCounters> dns, TimeProvider timeProvider) : DaemonService.DaemonServiceBase
{
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
        response.Warnings.AddRange(control.Warnings);
        return Task.FromResult(response);
    }
}
