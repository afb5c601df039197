// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Applying;

/// <summary>
/// Tells our own transactions of the host's ruleset from those of others, by the numbers that the kernel gives them all. The process that the kernel
/// names with a transaction is no help: it is a number of the first pid namespace, which a daemon in another can't know. Not thread-safe.
/// </summary>
internal sealed class OwnTransactions
{
    private const int MostKept = 256;

    private readonly Queue<uint> _generations = new();
    private readonly uint _port;
    private uint? _rebuilt;
    private uint _last;

    /// <param name="port">The netlink port by which only we make transactions.</param>
    internal OwnTransactions(uint port)
    {
        _port = port;
    }

    /// <summary>Notes a transaction that came by our port.</summary>
    internal void NoteCommit() => _last++;

    /// <summary>Notes one that came by another port of ours, of which only the ruleset's numbers before and after are known.</summary>
    /// <param name="before">The number before.</param>
    /// <param name="after">The number after.</param>
    /// <param name="isRebuild">True if it made our tables what they should be, whatever they were.</param>
    internal void NoteRun(uint before, uint after, bool isRebuild)
    {
        _last = after;
        if (after != before + 1)
        {
            return; // Nothing changed, or somebody came in between: then it counts as theirs, and is looked into.
        }

        _generations.Enqueue(after);
        if (_generations.Count > MostKept)
        {
            _generations.Dequeue();
        }

        _rebuilt = isRebuild ? after : _rebuilt;
    }

    /// <summary>True if a transaction was ours.</summary>
    internal bool IsOurs(uint port, uint generation) => port == _port || _generations.Contains(generation);

    /// <summary>True if what a transaction did to our tables is made good by a later one.</summary>
    internal bool IsMadeGood(uint generation) => _rebuilt is { } rebuilt && (int)(generation - rebuilt) <= 0;

    /// <summary>True if nobody has changed the ruleset since a transaction of ours. False may mean that one of ours had nothing to change.</summary>
    internal bool IsLast(uint generation) => generation == _last;
}
