// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Control.Publishing;
using Resolver.Control.Sandboxes;
using Resolver.Control.Writing;
using Resolver.Core.Failures;
using Resolver.Store;
using Resolver.Store.Sqlite;
using Xunit;

namespace Resolver.Control.Tests.Writing;

/// <summary>The writer with changes that need no kernel, on the real store.</summary>
public sealed class WriterTests : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("resolver-control-");
    private readonly CountingStore _store;
    private readonly World _world = new();

    public WriterTests()
    {
        _store = new CountingStore(SqliteStore.Open(Path.Combine(_directory.FullName, "state.db")));
        _world.HasNetwork("app", "10.0.0.0/24");
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task All_that_waits_is_committed_in_one_transaction()
    {
        Writer writer = NewWriter();
        Task<ChangeResult>[] replies = [.. Enumerable.Range(0, 100).Select(i => writer.SubmitAsync(Register($"db{i}")))];
        Task running = writer.RunAsync();
        ChangeResult[] results = await Task.WhenAll(replies);
        writer.Stop();
        await running;
        Assert.All(results, result => Assert.Equal(1, result.Revision));
        Assert.Equal(1, _store.Commits);
        Assert.Equal(100, writer.Current.Registrations.Count);
        StoredState stored = await _store.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(100, stored.Registrations.Length);
        Assert.Equal(writer.Current.Revision, stored.Revision);
    }

    [Fact]
    public async Task A_change_sees_those_before_it_in_the_same_round_and_a_refused_one_stops_nobody()
    {
        Writer writer = NewWriter();
        Task<ChangeResult> first = writer.SubmitAsync(Register("db"));
        Task<ChangeResult> takenBack = writer.SubmitAsync(new PreparedChange(new DeregisterNames("app", World.Dns("DB")), WorldFacts.None));
        Task<ChangeResult> again = writer.SubmitAsync(new PreparedChange(new DeregisterNames("app", World.Dns("db")), WorldFacts.None));
        Task<ChangeResult> last = writer.SubmitAsync(Register("cache"));
        Task running = writer.RunAsync();
        await Task.WhenAll(first, takenBack, last);
        Assert.Equal(FailureReason.NotFound, (await Assert.ThrowsAsync<RefusedException>(() => again)).Reason);
        writer.Stop();
        await running;
        Assert.Equal("cache", Assert.Single(writer.Current.Registrations).Key.Name.Value);
    }

    [Fact]
    public async Task What_the_store_refuses_is_refused_and_leaves_the_state_as_it_was()
    {
        Writer writer = NewWriter();
        DesiredState before = writer.Current;
        _store.Refuses = true;
        Task running = writer.RunAsync();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => writer.SubmitAsync(Register("db")));
        Assert.Equal(FailureReason.Unavailable, refused.Reason);
        Assert.Equal(before.Registrations, writer.Current.Registrations);
        Assert.Equal(before.Revision, writer.Current.Revision);
        _store.Refuses = false;
        await writer.SubmitAsync(Register("db"));
        writer.Stop();
        await running;
        Assert.Single((await _store.LoadAsync(TestContext.Current.CancellationToken)).Registrations);
    }

    [Fact]
    public async Task One_change_more_than_may_wait_is_refused_as_exhausted()
    {
        Writer writer = NewWriter(new ControlOptions { MaxQueuedChanges = 2 });
        Task<ChangeResult>[] replies = [writer.SubmitAsync(Register("a")), writer.SubmitAsync(Register("b"))];
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => writer.SubmitAsync(Register("c")));
        Assert.Equal(FailureReason.Exhausted, refused.Reason);
        Task running = writer.RunAsync();
        await Task.WhenAll(replies);
        await writer.SubmitAsync(Register("c"));
        writer.Stop();
        await running;
    }

    [Fact]
    public async Task A_stopping_writer_carries_out_what_it_took_and_takes_no_more()
    {
        Writer writer = NewWriter();
        Task<ChangeResult> taken = writer.SubmitAsync(Register("a"));
        writer.Stop();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(() => writer.SubmitAsync(Register("b")));
        Assert.Equal(FailureReason.Unavailable, refused.Reason);
        await writer.RunAsync();
        Assert.NotNull((await taken).Registration);
    }

    private static PreparedChange Register(string name) =>
        new(new RegisterNames("app", World.Dns(name), [World.Ip("192.0.2.1")], []), WorldFacts.None);

    private Writer NewWriter(ControlOptions? options = null)
    {
        options ??= new ControlOptions();
        SandboxRuntimes runtimes = new();
        SandboxEnds ends = new(options, _ => { }, NullLogger.Instance);

        // Registrations have no kernel part, so the worker's rooms are never asked.
        KernelWorker worker = new((null!, null!), runtimes, ends, NullLogger.Instance);
        WriterRooms rooms = new(_store, new Publisher(options, runtimes), worker, runtimes, ends, TimeProvider.System);
        return new Writer(options, rooms, _world.State, NullLogger.Instance);
    }

    /// <summary>The real store, with a count, and a disk that is full when a test says so.</summary>
    private sealed class CountingStore(SqliteStore store) : IDesiredStore
    {
        internal int Commits { get; private set; }

        internal bool Refuses { get; set; }

        public ValueTask<StoredState> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(cancellationToken);

        public ValueTask CommitAsync(ImmutableArray<StoreOperation> batch, CancellationToken cancellationToken)
        {
            Commits++;
            return Refuses ? throw new RefusedException(FailureReason.Unavailable, "store", "the disk is full") : store.CommitAsync(batch, cancellationToken);
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
