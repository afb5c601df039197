// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Resolver.Dns.Forwarding;

/// <summary>How one question goes about its upstreams.</summary>
/// <param name="Order">All of them, the first to be asked first, those that are down last.</param>
/// <param name="AliveCount">How many at the head of the order are not down.</param>
/// <param name="Probe">The place in the order of one that gets a copy of the question at once, to see whether it is back.</param>
internal readonly record struct UpstreamPlan(ImmutableArray<UpstreamServer> Order, int AliveCount, int? Probe);
