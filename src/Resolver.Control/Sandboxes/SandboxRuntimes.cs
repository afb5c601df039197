// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Resolver.Core.Names;

namespace Resolver.Control.Sandboxes;

/// <summary>The running side of the sandboxes. A sandbox's entry is changed only by the work that has claimed it; any thread may look.</summary>
internal sealed class SandboxRuntimes : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ObjectId, SandboxRuntime> _runtimes = new();

    /// <summary>The sandboxes that have one now.</summary>
    internal ICollection<ObjectId> Sandboxes => _runtimes.Keys;

    internal SandboxRuntime? Find(ObjectId sandbox) => _runtimes.GetValueOrDefault(sandbox);

    internal void Add(ObjectId sandbox, SandboxRuntime runtime)
    {
        if (!_runtimes.TryAdd(sandbox, runtime))
        {
            throw new InvalidOperationException($"sandbox {sandbox.ShortId} has a runtime already");
        }
    }

    /// <summary>Stops serving a sandbox and lets its namespace go. None is no error.</summary>
    internal async ValueTask RemoveAsync(ObjectId sandbox)
    {
        if (_runtimes.TryRemove(sandbox, out SandboxRuntime? runtime))
        {
            await runtime.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ObjectId sandbox in _runtimes.Keys)
        {
            await RemoveAsync(sandbox);
        }
    }
}
