// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Caching;

namespace Resolver.Dns.Forwarding;

/// <summary>The questions that are on their way to upstreams, each once however many ask it. Thread-safe.</summary>
internal sealed class QuestionsInFlight
{
    private readonly Dictionary<byte[], SharedRace> _races = new(ReplyCache.KeyComparer.Instance);
    private readonly HashSet<Task> _settling = [];
    private readonly Lock _gate = new();
    private bool _isStopping;

    /// <summary>Begins a race; null if the question is on its way already, or nothing begins any more.</summary>
    internal SharedRace? TryBegin(byte[] key)
    {
        lock (_gate)
        {
            SharedRace race = new(key);
            return !_isStopping && _races.TryAdd(key, race) ? race : null;
        }
    }

    /// <summary>Joins the race for a question, or begins one, which the caller has to run.</summary>
    /// <param name="key">The question's key.</param>
    /// <param name="begun">The race that was begun; null if it was joined, or if nothing begins any more.</param>
    /// <returns>The reply, null if there is none.</returns>
    internal Task<byte[]?> JoinOrBegin(byte[] key, out SharedRace? begun)
    {
        lock (_gate)
        {
            begun = null;
            if (_isStopping)
            {
                return Task.FromResult<byte[]?>(null);
            }

            if (_races.TryGetValue(key, out SharedRace? race))
            {
                race.IsShared = true;
            }
            else
            {
                race = begun = new SharedRace(key);
                _races.Add(key, race);
            }

            return WaitedFor(race);
        }
    }

    /// <summary>The reply of a race that has not ended yet, for who began it.</summary>
    internal Task<byte[]?> Wait(SharedRace race)
    {
        lock (_gate)
        {
            return WaitedFor(race);
        }
    }

    /// <summary>Tells all who wait.</summary>
    internal void End(SharedRace race, byte[]? reply) => Remove(race)?.SetResult(reply);

    /// <summary>Tells all who wait, if any does.</summary>
    internal void End(SharedRace race, ReadOnlySpan<byte> reply)
    {
        if (Remove(race) is { } waiters)
        {
            waiters.SetResult(reply.ToArray());
        }
    }

    /// <summary>Tells all who wait of a bug.</summary>
    internal void Fail(SharedRace race, Exception failure) => Remove(race)?.SetException(failure);

    /// <summary>Remembers what a race has still to do after its end, which matters only to the next question.</summary>
    internal void Settle(Task settling)
    {
        if (settling.IsCompletedSuccessfully)
        {
            return;
        }

        lock (_gate)
        {
            _settling.Add(settling);
        }

        _ = ForgetWhenSettledAsync(settling);
    }

    /// <summary>Begins nothing any more, and waits for what runs: whoever runs it has been told to stop.</summary>
    internal async Task StopAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _isStopping = true;
            running = [.. _races.Values.Select(WaitedFor)];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        lock (_gate)
        {
            running = [.. _settling];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    // Continuations elsewhere: who ends a race may be a thread that others wait for.
    private static Task<byte[]?> WaitedFor(SharedRace race) =>
        (race.Waiters ??= new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private TaskCompletionSource<byte[]?>? Remove(SharedRace race)
    {
        lock (_gate)
        {
            _races.Remove(race.Key);
            return race.Waiters;
        }
    }

    private async Task ForgetWhenSettledAsync(Task settling)
    {
        await settling.ConfigureAwait(false);
        lock (_gate)
        {
            _settling.Remove(settling);
        }
    }
}
