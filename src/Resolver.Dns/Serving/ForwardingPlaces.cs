// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Serving;

/// <summary>Places for questions that wait for upstreams: a bound that is counted without a lock. Thread-safe.</summary>
internal sealed class ForwardingPlaces(int count)
{
    private int _taken;

    /// <summary>Takes a place; false if none is left.</summary>
    internal bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= count)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    internal void Leave() => Interlocked.Decrement(ref _taken);
}
