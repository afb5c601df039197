// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Diagnostics.HealthChecks;
using Resolver.Contract.V1;

namespace Resolver.Daemon.Hosting;

/// <summary>What grpc.health.v1 says: SERVING once recovery is done.</summary>
internal sealed class ReadyCheck(ControlGate control) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(control.State == DaemonState.Ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{control.State}"));
}
