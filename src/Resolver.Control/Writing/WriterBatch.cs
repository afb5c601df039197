// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Store;

namespace Resolver.Control.Writing;

/// <summary>The edits of one round of the writer, in order, on top of the state that the round began with.</summary>
internal sealed class WriterBatch
{
    private readonly List<Entry> _entries = [];

    internal WriterBatch(DesiredState before)
    {
        Before = before;
        State = before;
    }

    internal DesiredState Before { get; }

    /// <summary>The state with all edits so far.</summary>
    internal DesiredState State { get; private set; }

    internal IReadOnlyList<Entry> Entries => _entries;

    internal bool NeedsCommit => _entries.Exists(entry => entry.Edit.Durability == Durability.Now);

    /// <summary>What goes to the store, in order.</summary>
    internal IEnumerable<StoreOperation> Stored =>
        _entries.Where(entry => entry.Edit.Durability != Durability.Memory).SelectMany(entry => entry.Edit.Operations);

    internal IEnumerable<StoreOperation> Operations => _entries.SelectMany(entry => entry.Edit.Operations);

    /// <param name="underWay">Whose edit it is.</param>
    /// <param name="edit">The edit.</param>
    /// <param name="finished">Null when the change is being admitted; else how the kernel's part ended.</param>
    internal void Add(ChangeUnderWay underWay, StateEdit edit, WriterMessage.Finished? finished = null)
    {
        State = State.Apply(edit.Operations);
        _entries.Add(new Entry(underWay, edit, finished));
    }

    /// <summary>
    /// The store did not take the round: takes out the changes that were being admitted and need it. What the kernel has done stays in, and
    /// what only took names back.
    /// </summary>
    /// <returns>The changes that are refused.</returns>
    internal ImmutableArray<ChangeUnderWay> DropUnstored()
    {
        ImmutableArray<ChangeUnderWay> dropped =
            [.. _entries.Where(entry => entry.IsAdmission && entry.Edit.Durability == Durability.Now).Select(entry => entry.UnderWay)];
        _entries.RemoveAll(entry => entry.IsAdmission && entry.Edit.Durability == Durability.Now);
        State = Before.Apply(Operations);
        return dropped;
    }

    internal void Commit() => State = State with { Revision = Before.Revision + 1 };

    /// <summary>One edit.</summary>
    internal sealed record Entry(ChangeUnderWay UnderWay, StateEdit Edit, WriterMessage.Finished? Finished)
    {
        internal bool IsAdmission => Finished is null;
    }
}
