// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Names;

namespace Resolver.Control.Lanes;

/// <summary>Runs kernel work in order per network; work of different networks runs side by side. A step must not wait for another step. Thread-safe.</summary>
internal sealed class NetworkLanes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectId, Task> _tails = [];

    /// <summary>Runs a step after all steps of the network that came before, whatever became of those.</summary>
    internal async Task RunAsync(ObjectId network, Func<ValueTask> step)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? before;
        lock (_lock)
        {
            before = _tails.GetValueOrDefault(network);
            _tails[network] = done.Task;
        }

        if (before is not null)
        {
            await before;
        }

        try
        {
            await step();
        }
        finally
        {
            lock (_lock)
            {
                if (_tails[network] == done.Task)
                {
                    _tails.Remove(network);
                }
            }

            done.SetResult();
        }
    }
}
