// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Core.Failures;

namespace Resolver.Control.Writing;

internal sealed partial class Writer
{
    private async Task CommitAsync(WriterBatch batch)
    {
        ImmutableArray<ChangeUnderWay> refused = [];
        RefusedException? storeRefusal = null;
        if (batch.NeedsCommit)
        {
            storeRefusal = await StoreAsync(batch);
            refused = storeRefusal is null ? [] : batch.DropUnstored();
        }

        if (!batch.NeedsCommit || storeRefusal is not null)
        {
            _unstored.AddRange(batch.Stored);
        }

        // Names first, then the snapshot and the replies: a question sent after the reply sees the change.
        _rooms.Publisher.Publish(batch.Before, batch.State, [.. batch.Operations]);
        Volatile.Write(ref _current, batch.State);
        foreach (WriterBatch.Entry entry in batch.Entries)
        {
            Proceed(entry, storeRefusal);
        }

        await RefuseAsync(refused, storeRefusal);
    }

    private async Task<RefusedException?> StoreAsync(WriterBatch batch)
    {
        try
        {
            await _rooms.Store.CommitAsync([.. _unstored, .. batch.Stored], CancellationToken.None);
            _unstored.Clear();
            batch.Commit();
            return null;
        }
        catch (RefusedException e)
        {
            LogStoreRefused(e);
            return e;
        }
    }

    private void Proceed(WriterBatch.Entry entry, RefusedException? storeRefusal)
    {
        (ChangeUnderWay underWay, StateEdit edit, WriterMessage.Finished? finished) = entry;
        if (finished is { Refusal: { } refusal })
        {
            Reply(underWay.Change, refusal);
        }
        else if (finished is null && underWay.Admitted.Work is { } work)
        {
            _ = WorkAsync(underWay, work, SceneFor(work, underWay.Change));
        }
        else if (storeRefusal is not null && edit.Durability == Durability.Now)
        {
            // Only a removal comes here: the kernel has done it, the snapshot has it, and the next commit carries it.
            Reply(underWay.Change, new RefusedException(
                FailureReason.Unavailable, storeRefusal.Subject, $"it is removed, but would come back at a restart: {storeRefusal.Message}", storeRefusal));
        }
        else
        {
            Reply(underWay.Change, underWay.Admitted.Result with { Revision = _current.Revision });
        }
    }

    // What was refused gives its claims back only now, and who waited for them is admitted in a round of its own.
    private async Task RefuseAsync(ImmutableArray<ChangeUnderWay> refused, RefusedException? reason)
    {
        WriterBatch next = new(_current);
        foreach (ChangeUnderWay underWay in refused)
        {
            Reply(underWay.Change, reason!);
            _claims.Release(underWay.Admitted.Claims, waiting => Admit(next, waiting));
        }

        if (next.Entries.Count > 0)
        {
            await CommitAsync(next);
        }
    }

    private async Task WorkAsync(ChangeUnderWay underWay, KernelWork work, KernelScene scene)
    {
        await Task.Yield(); // The writer goes on; the kernel's part runs on the pool.
        Exception? refusal = null;
        try
        {
            await _rooms.Worker.ExecuteAsync(work, scene);
        }
        catch (Exception e)
        {
            // Whatever it is, a refusal or a bug: desired state is rolled back and the caller gets it.
            refusal = e;
        }

        _queue.Writer.TryWrite(new WriterMessage.Finished(underWay, refusal));
    }

    private async Task FlushAsync()
    {
        if (_unstored.Count == 0)
        {
            return;
        }

        try
        {
            await _rooms.Store.CommitAsync([.. _unstored], CancellationToken.None);
            _unstored.Clear();
            Volatile.Write(ref _current, _current with { Revision = _current.Revision + 1 });
        }
        catch (RefusedException e)
        {
            LogStoreRefused(e);
        }
    }

    private void Reply(PreparedChange change, ChangeResult result)
    {
        change.Dispose();
        Interlocked.Decrement(ref _open);
        change.Reply.SetResult(result);
    }

    private void Reply(PreparedChange change, Exception refusal)
    {
        change.Dispose();
        Interlocked.Decrement(ref _open);
        change.Reply.SetException(refusal);
        _ = change.Reply.Task.Exception; // Observed: the caller may have stopped waiting.
    }
}
