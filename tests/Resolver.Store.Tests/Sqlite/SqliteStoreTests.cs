// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Store.Sqlite;
using Xunit;

namespace Resolver.Store.Tests.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Database => _directory["state.db"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_new_store_is_empty_and_at_revision_zero()
    {
        await using SqliteStore store = SqliteStore.Open(Database);
        StoredState state = await store.LoadAsync(Cancelled);
        Assert.Equal(0, state.Revision);
        Assert.Empty(state.Networks);
        Assert.Empty(state.Sandboxes);
        Assert.Empty(state.Endpoints);
        Assert.Empty(state.Registrations);
    }

    [Fact]
    public async Task Every_field_of_every_kind_comes_back_as_it_was()
    {
        await using (SqliteStore store = SqliteStore.Open(Database))
        {
            await store.CommitAsync(Samples.PutAll, Cancelled);
        }

        await using SqliteStore reopened = SqliteStore.Open(Database);
        StoredState state = await reopened.LoadAsync(Cancelled);
        Assert.Equal(Samples.Describe(Samples.Network), Samples.Describe(Assert.Single(state.Networks)));
        Assert.Equal(Samples.Describe(Samples.Sandbox), Samples.Describe(Assert.Single(state.Sandboxes)));
        Assert.Equal(Samples.Describe(Samples.Endpoint), Samples.Describe(Assert.Single(state.Endpoints)));
        Assert.Equal(Samples.Describe(Samples.Registration), Samples.Describe(Assert.Single(state.Registrations)));
        Assert.Equal(Samples.Network.CreatedAt.Offset, state.Networks[0].CreatedAt.Offset);
    }

    [Fact]
    public async Task What_may_be_absent_comes_back_absent()
    {
        Sandbox bare = Samples.Sandbox with { Process = null, Hostname = null, Upstreams = [], OwnsNetns = false };
        await using SqliteStore store = SqliteStore.Open(Database);
        await store.CommitAsync([new StoreOperation.PutSandbox(bare)], Cancelled);
        Assert.Equal(Samples.Describe(bare), Samples.Describe(Assert.Single((await store.LoadAsync(Cancelled)).Sandboxes)));
    }

    [Fact]
    public async Task A_commit_survives_SIGKILL()
    {
        await using SqliteStore store = SqliteStore.Open(Database);
        await store.CommitAsync(Samples.PutAll, Cancelled);

        // What the files hold at this moment is what a killed process leaves behind: the store is neither closed nor checkpointed.
        using TemporaryDirectory image = new();
        foreach (string file in Directory.EnumerateFiles(_directory.FullName))
        {
            File.Copy(file, image[Path.GetFileName(file)]);
        }

        await using SqliteStore recovered = SqliteStore.Open(image["state.db"]);
        StoredState state = await recovered.LoadAsync(Cancelled);
        Assert.Equal(1, state.Revision);
        Assert.Equal(Samples.Endpoint.Id, Assert.Single(state.Endpoints).Id);
    }

    [Fact]
    public async Task Each_commit_counts_one_revision_and_deletes_what_it_names()
    {
        await using SqliteStore store = SqliteStore.Open(Database);
        await store.CommitAsync(Samples.PutAll, Cancelled);
        DnsName otherCase = DnsName.Parse("CACHE", "name");
        await store.CommitAsync(
            [
                new StoreOperation.DeleteRegistration(Samples.Network.Id, otherCase), new StoreOperation.DeleteEndpoint(Samples.Endpoint.Id),
                new StoreOperation.DeleteSandbox(Samples.Sandbox.Id), new StoreOperation.PutNetwork(Samples.Network with { Mtu = 9000 }),
            ],
            Cancelled);
        StoredState state = await store.LoadAsync(Cancelled);
        Assert.Equal(2, state.Revision);
        Assert.Equal(9000, Assert.Single(state.Networks).Mtu);
        Assert.Empty(state.Registrations);
        Assert.Empty(state.Endpoints);
        Assert.Empty(state.Sandboxes);
        await store.CommitAsync([new StoreOperation.DeleteNetwork(Samples.Network.Id)], Cancelled);
        Assert.Empty((await store.LoadAsync(Cancelled)).Networks);
    }

    [Fact]
    public async Task A_second_open_is_refused_while_the_first_lives()
    {
        await using (SqliteStore first = SqliteStore.Open(Database))
        {
            RefusedException refused = Assert.Throws<RefusedException>(() => SqliteStore.Open(Database));
            Assert.Equal(FailureReason.Unavailable, refused.Reason);
            Assert.Contains("in use by another process, probably a daemon that runs already", refused.Message, StringComparison.Ordinal);
            await first.CommitAsync(Samples.PutAll, Cancelled);
        }

        await using SqliteStore second = SqliteStore.Open(Database);
        Assert.Equal(1, (await second.LoadAsync(Cancelled)).Revision);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        byte[] bytes = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        File.WriteAllBytes(Database, bytes);
        RefusedException refused = Assert.Throws<RefusedException>(() => SqliteStore.Open(Database));
        Assert.Equal(FailureReason.Unavailable, refused.Reason);
        Assert.Contains("no SQLite database", refused.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(Database));
        Assert.Equal([Database], Directory.EnumerateFiles(_directory.FullName));
    }

    [Fact]
    public void Another_programs_database_is_refused_and_left_alone()
    {
        Run("CREATE TABLE theirs (x)");
        byte[] before = File.ReadAllBytes(Database);
        Assert.Contains("another program's", Assert.Throws<RefusedException>(() => SqliteStore.Open(Database)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Database));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await SqliteStore.Open(Database).DisposeAsync();
        Run("PRAGMA user_version=99");
        byte[] before = await File.ReadAllBytesAsync(Database, Cancelled);
        string message = Assert.Throws<RefusedException>(() => SqliteStore.Open(Database)).Message;
        Assert.Contains("schema 99 was written by a newer version", message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Cancelled));
    }

    [Fact]
    public async Task A_damaged_database_is_refused()
    {
        await using (SqliteStore store = SqliteStore.Open(Database))
        {
            await store.CommitAsync(Samples.PutAll, Cancelled);
        }

        using (FileStream file = File.OpenWrite(Database))
        {
            file.Position = 4096;
            await file.WriteAsync(new byte[file.Length - 4096], Cancelled);
        }

        Assert.Contains("damaged", Assert.Throws<RefusedException>(() => SqliteStore.Open(Database)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_directory_is_refused() =>
        Assert.Contains("does its directory exist", Assert.Throws<RefusedException>(() => SqliteStore.Open(_directory["none/state.db"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("UPDATE object SET document = '{' WHERE kind = 'network'", "row network 0101")]
    [InlineData("UPDATE object SET document = json_set(document, '$.colour', 'red') WHERE kind = 'sandbox'", "row sandbox 0202")]
    [InlineData("UPDATE object SET document = json_remove(document, '$.mac') WHERE kind = 'endpoint'", "row endpoint 0303")]
    [InlineData("UPDATE object SET document = json_set(document, '$.addresses[0]', '1.2.3') WHERE kind = 'endpoint'", "row endpoint 0303")]
    [InlineData("UPDATE object SET document = json_set(document, '$.phase', 'done') WHERE kind = 'endpoint'", "row endpoint 0303")]
    [InlineData("UPDATE object SET document = json_set(document, '$.name', 'other') WHERE kind = 'registration'", "row registration 0101")]
    [InlineData("UPDATE object SET kind = 'planet' WHERE kind = 'network'", "row planet 0101")]
    public async Task A_row_that_cannot_be_read_is_named(string damage, string row)
    {
        await using (SqliteStore store = SqliteStore.Open(Database))
        {
            await store.CommitAsync(Samples.PutAll, Cancelled);
        }

        Run(damage);
        await using SqliteStore damaged = SqliteStore.Open(Database);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () => await damaged.LoadAsync(Cancelled));
        Assert.Equal(FailureReason.Unavailable, refused.Reason);
        Assert.Contains(row, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_unavailable_and_changes_nothing()
    {
        await using SqliteStore store = SqliteStore.Open(Database);
        await store.CommitAsync(Samples.PutAll, Cancelled);
        store.LimitPages(8);
        string large = new('x', 200_000);
        Core.Networks.Network network = Samples.Network with { Labels = Samples.Network.Labels.Add("large", large) };
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(
            async () => await store.CommitAsync([new StoreOperation.DeleteEndpoint(Samples.Endpoint.Id), new StoreOperation.PutNetwork(network)], Cancelled));
        Assert.Equal(FailureReason.Unavailable, refused.Reason);
        Assert.Contains("the disk is full", refused.Message, StringComparison.Ordinal);
        StoredState state = await store.LoadAsync(Cancelled);
        Assert.Equal(1, state.Revision);
        Assert.Single(state.Endpoints);
        await store.CommitAsync([new StoreOperation.DeleteEndpoint(Samples.Endpoint.Id)], Cancelled);
        Assert.Equal(2, (await store.LoadAsync(Cancelled)).Revision);
    }

    [Fact]
    public async Task The_format_on_disk_is_this_one()
    {
        await using (SqliteStore store = SqliteStore.Open(Database))
        {
            await store.CommitAsync(Samples.PutAll, Cancelled);
        }

        using JsonDocument document = JsonDocument.Parse((string)Run("SELECT document FROM object WHERE kind = 'registration'")!);
        Assert.Equal("Cache", document.RootElement.GetProperty("name").GetString());
        Assert.Equal(IPAddress.Parse("192.0.2.1").ToString(), document.RootElement.GetProperty("addresses")[0].GetString());
    }

    private object? Run(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
