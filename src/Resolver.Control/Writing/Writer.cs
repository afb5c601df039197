// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Control.Sandboxes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Store;

namespace Resolver.Control.Writing;

/// <summary>
/// The one writer: a task that admits changes, commits all that wait in one transaction, publishes, and sends the kernel's part on its way.
/// It waits for nothing but the store. Changes that touch a network or sandbox which the kernel is busy with wait for it, in order.
/// </summary>
internal sealed partial class Writer
{
    private const int MaxRound = 512;

    private readonly Channel<WriterMessage> _queue = Channel.CreateUnbounded<WriterMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Claims _claims = new();
    private readonly List<StoreOperation> _unstored = [];
    private readonly ControlOptions _options;
    private readonly WriterRooms _rooms;
    private readonly ILogger _logger;
    private DesiredState _current;
    private int _open;
    private readonly HashSet<ObjectId> _leaving = [];
    private bool _isStopping;

    internal Writer(ControlOptions options, WriterRooms rooms, DesiredState state, ILogger logger)
    {
        _options = options;
        _rooms = rooms;
        _current = state;
        _logger = logger;
    }

    /// <summary>The state now. Any thread may ask.</summary>
    internal DesiredState Current => Volatile.Read(ref _current);

    /// <summary>True if no change is under way: the kernel has what the state says.</summary>
    internal bool IsIdle => Volatile.Read(ref _open) == 0;

    /// <summary>Queues a change; owns it from now on.</summary>
    /// <exception cref="RefusedException">Exhausted: too many wait. Unavailable: the daemon stops.</exception>
    internal Task<ChangeResult> SubmitAsync(PreparedChange change)
    {
        // The bound counts changes until their reply, so that it also bounds the waiting ones and the messages of the lanes.
        if (Interlocked.Increment(ref _open) > _options.MaxQueuedChanges)
        {
            Interlocked.Decrement(ref _open);
            change.Dispose();
            throw RefusedException.Exhausted("changes", $"{_options.MaxQueuedChanges} changes wait already; try again when some are done");
        }

        if (Volatile.Read(ref _isStopping) || !_queue.Writer.TryWrite(new WriterMessage.Submitted(change)))
        {
            Interlocked.Decrement(ref _open);
            change.Dispose();
            throw new RefusedException(FailureReason.Unavailable, "daemon", "the daemon is stopping; try again when it runs");
        }

        return change.Reply.Task;
    }

    /// <summary>Writes soon what may be written later.</summary>
    internal void Flush() => _queue.Writer.TryWrite(new WriterMessage.Flush());

    /// <summary>Refuses further changes; <see cref="RunAsync"/> ends when those under way have their replies.</summary>
    internal void Stop()
    {
        Volatile.Write(ref _isStopping, true);
        Flush();
    }

    /// <summary>Notes edits that recovery found necessary; for use before <see cref="RunAsync"/>.</summary>
    internal void Note(IReadOnlyCollection<StoreOperation> operations)
    {
        DesiredState after = _current.Apply(operations);
        _rooms.Publisher.Publish(_current, after, operations);
        _unstored.AddRange(operations);
        Volatile.Write(ref _current, after);
    }

    /// <summary>Runs until <see cref="Stop"/>. A failure of this loop is a bug that nothing can outlive: the process ends, and recovery makes all whole.</summary>
    internal async Task RunAsync()
    {
        try
        {
            while (!Volatile.Read(ref _isStopping) || Volatile.Read(ref _open) > 0)
            {
                await _queue.Reader.WaitToReadAsync();
                await RoundAsync();
            }

            await FlushAsync();
        }
        catch (Exception e)
        {
            LogWriterFailed(e);
            Environment.FailFast("the writer of changes failed", e);
        }
    }

    private async Task RoundAsync()
    {
        WriterBatch batch = new(_current);
        bool flush = false;
        for (int i = 0; i < MaxRound && _queue.Reader.TryRead(out WriterMessage? message); i++)
        {
            switch (message)
            {
                case WriterMessage.Submitted submitted:
                    Admit(batch, submitted.Change);
                    break;
                case WriterMessage.Finished finished:
                    Finish(batch, finished);
                    break;
                default:
                    flush = true;
                    break;
            }
        }

        await CommitAsync(batch);
        if (flush)
        {
            await FlushAsync();
        }
    }

    private void Admit(WriterBatch batch, PreparedChange change)
    {
        ImmutableArray<ObjectId> touched;
        try
        {
            touched = Admission.Touched(batch.State, change.Change, change.World);
            foreach (ObjectId id in touched)
            {
                if (_claims.IsClaimed(id))
                {
                    _claims.Wait(id, change);
                    return;
                }
            }

            Admitted admitted = Admission.Admit(ContextFor(batch.State, change), change.Change);
            _claims.Claim(admitted.Claims);
            if (change.Change is RemoveSandbox remove && batch.State.FindSandbox(remove.Sandbox) is { } leaving)
            {
                _leaving.Add(leaving.Id);
            }

            batch.Add(new ChangeUnderWay(change, admitted), admitted.Edit);
        }
        catch (RefusedException e)
        {
            if (e.Reason is not (FailureReason.AlreadyExists or FailureReason.FailedPrecondition or FailureReason.Exhausted)
                || !TryWaitForEnded(batch, change))
            {
                Reply(change, e);
            }
        }
    }

    /// <summary>What stands in the way may belong to a sandbox whose process has ended a moment ago: removes such first, and admits again after.</summary>
    private bool TryWaitForEnded(WriterBatch batch, PreparedChange change)
    {
        foreach (ObjectId ended in _rooms.Ends.Ended.Concat(_leaving).Where(id => batch.State.Sandboxes.ContainsKey(id) && !change.Awaited.Contains(id)))
        {
            change.Awaited.Add(ended);
            if (!_claims.IsClaimed(ended))
            {
                Interlocked.Increment(ref _open);
                Admit(batch, new PreparedChange(new RemoveSandbox(ended.Value), WorldFacts.None));
            }

            _claims.Wait(ended, change);
            return true;
        }

        return false;
    }

    private void Finish(WriterBatch batch, WriterMessage.Finished finished)
    {
        Admitted admitted = finished.UnderWay.Admitted;
        batch.Add(finished.UnderWay, finished.Refusal is null ? admitted.Success : admitted.Failure, finished);
        _leaving.ExceptWith(admitted.Claims);
        _claims.Release(admitted.Claims, waiting => Admit(batch, waiting));
    }

    private AdmissionContext ContextFor(DesiredState state, PreparedChange change) => new()
    {
        State = state,
        Options = _options,
        Now = _rooms.TimeProvider.GetUtcNow(),
        RandomBytes = RandomNumberGenerator.GetBytes,
        World = change.World,
    };

    private KernelScene SceneFor(KernelWork work, PreparedChange change)
    {
        (Sandbox? sandbox, ObjectId? comes, ObjectId? goes) = work switch
        {
            KernelWork.MakeSandbox make => (make.Sandbox, null, null),
            KernelWork.Connect connect => (connect.Sandbox, connect.Endpoint.Endpoint.Id, null),
            KernelWork.Disconnect disconnect => (disconnect.Sandbox, null, disconnect.Endpoint.Endpoint.Id),
            _ => ((Sandbox?)null, (ObjectId?)null, (ObjectId?)null),
        };
        bool isNew = sandbox is not null && _rooms.Runtimes.Find(sandbox.Id) is null;
        return new KernelScene(
            sandbox is null ? new Dns.Zones.SandboxView([], []) : _rooms.Publisher.ViewOf(_current, sandbox),
            sandbox is null || isNew ? null : NetnsFiles.Of(_current, sandbox, _options, comes),
            sandbox is null ? null : NetnsFiles.Of(_current, sandbox, _options, goes))
        {
            TakeNetns = change.TakeNetns,
            TakeProcess = change.TakeProcess,
            TakePorts = change.TakePorts,
        };
    }
}
