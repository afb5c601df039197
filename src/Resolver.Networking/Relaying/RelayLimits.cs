// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Relaying;

/// <summary>How many connections and flows all relays have together: each is two descriptors. Thread-safe.</summary>
internal sealed class RelayLimits
{
    private const int Most = 4096;

    private int _taken;

    /// <summary>Takes a place if there is one.</summary>
    internal bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Most)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    internal void Give() => Interlocked.Decrement(ref _taken);
}
