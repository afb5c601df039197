// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>How far an endpoint has come.</summary>
public enum EndpointPhase
{
    /// <summary>Committed, its kernel work not confirmed: planned again after a crash.</summary>
    Pending,

    /// <summary>The kernel has it.</summary>
    Settled,
}
