// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Names;

namespace Resolver.Control.Writing;

/// <summary>Which networks and sandboxes the kernel is busy with, and the changes that wait for them, in the order in which they came.</summary>
internal sealed class Claims
{
    private readonly HashSet<ObjectId> _claimed = [];
    private readonly Dictionary<ObjectId, Queue<PreparedChange>> _waiting = [];

    internal bool IsClaimed(ObjectId id) => _claimed.Contains(id);

    internal void Claim(IEnumerable<ObjectId> ids) => _claimed.UnionWith(ids);

    internal void Wait(ObjectId id, PreparedChange change)
    {
        if (!_waiting.TryGetValue(id, out Queue<PreparedChange>? queue))
        {
            queue = _waiting[id] = [];
        }

        queue.Enqueue(change);
    }

    /// <summary>Gives up claims and hands out those who waited, one by one, until one of them claims the same again.</summary>
    internal void Release(IEnumerable<ObjectId> ids, Action<PreparedChange> next)
    {
        ObjectId[] released = [.. ids];
        _claimed.ExceptWith(released);
        foreach (ObjectId id in released)
        {
            while (!IsClaimed(id) && _waiting.TryGetValue(id, out Queue<PreparedChange>? queue))
            {
                PreparedChange change = queue.Dequeue();
                if (queue.Count == 0)
                {
                    _waiting.Remove(id);
                }

                next(change);
            }
        }
    }
}
