// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding;

/// <summary>One question on its way to upstreams, for all who ask it. <see cref="QuestionsInFlight"/> guards it.</summary>
/// <param name="key">What makes questions the same, see <see cref="Caching.CacheKey"/>.</param>
internal sealed class SharedRace(byte[] key)
{
    internal byte[] Key => key;

    /// <summary>True when somebody else has asked the same meanwhile.</summary>
    internal bool IsShared { get; set; }

    /// <summary>Null while nobody waits: most questions are answered by whoever receives the reply.</summary>
    internal TaskCompletionSource<byte[]?>? Waiters { get; set; }
}
