// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Networks;
using Resolver.Linux.Nftables;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests.Coexistence;

public sealed class RulesWatchTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly Network _app = TestHost.NewNetwork("app", "172.30.0.0/24", 1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<RulesetEvent, string> Deletions { get; } = new()
    {
        { new RulesetEvent.TableDeleted("inet resolver"), "table inet resolver" },
        { new RulesetEvent.TableDeleted("ip resolver"), "" },
        { new RulesetEvent.ChainDeleted("bridge resolver", "guard"), "chain bridge resolver guard" },
        { new RulesetEvent.RuleDeleted("inet resolver", "forward"), "rules of inet resolver forward" },
        { new RulesetEvent.RuleDeleted("inet resolver", "user_forward"), "" },
        { new RulesetEvent.RuleDeleted("inet resolver", "user_input"), "" },
        { new RulesetEvent.RuleDeleted("inet resolver", "mine"), "" },
        { new RulesetEvent.RuleDeleted("inet filter", "forward"), "" },
        { new RulesetEvent.SetDeleted("inet resolver", "bridges"), "set inet resolver bridges" },
        { new RulesetEvent.ElementsDeleted("inet resolver", "published4"), "elements of inet resolver published4" },
        { new RulesetEvent.ElementsDeleted("bridge resolver", "own6"), "elements of bridge resolver own6" },
        { new RulesetEvent.ElementsDeleted("inet resolver", "mine"), "" },
    };

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(Deletions), DisableDiscoveryEnumeration = true)]
    public void A_deletion_matters_where_it_takes_something_of_ours(RulesetEvent happened, string deleted) =>
        Assert.Equal(deleted, RulesWatch.MeaningOf(happened).DeletedText);

    [Theory]
    [InlineData("ip filter", "DOCKER-USER", true)]
    [InlineData("inet resolver", "mine", false)]
    public void A_chain_that_is_made_matters_where_it_is_anothers(string table, string chain, bool matters) =>
        Assert.Equal(matters, RulesWatch.MeaningOf(new RulesetEvent.ChainAdded(table, chain)).ChangedOthers);

    [Fact]
    public void Of_much_that_is_deleted_a_few_are_named()
    {
        RulesChanges all = Enumerable.Range(1, 6).Aggregate(
            RulesChanges.None, (changes, number) => changes.And(RulesChanges.None with { Deleted = RulesChanges.None.Deleted.Add($"set {number}") }));
        Assert.Equal("set 1, set 2, set 3, set 4 and 2 more", all.DeletedText);
    }

    [Fact]
    public async Task What_others_delete_is_heard_of_and_what_we_delete_ourselves_is_not()
    {
        using RulesWatch watch = _host.Networking.WatchRules();
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        _host.Networking.RebuildTables([_app], []);
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app, Present: false), Stop);
        _host.Networking.Uninstall();
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        _host.Run("nft", "flush", "set", "inet", "resolver", "peers");
        RulesChanges changes = await NextAsync(watch);
        Assert.Equal("elements of inet resolver peers", changes.DeletedText);
        Assert.False(changes.MissedSome);
    }

    [Fact]
    public async Task What_a_rebuild_has_made_good_is_no_news()
    {
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        using RulesWatch watch = _host.Networking.WatchRules();
        _host.Run("nft", "flush", "set", "inet", "resolver", "peers");
        _host.Networking.RebuildTables([_app], []);
        _host.Run("nft", "flush", "chain", "inet", "resolver", "input");
        Assert.Equal("rules of inet resolver input", (await NextAsync(watch)).DeletedText);
    }

    private static Task<RulesChanges> NextAsync(RulesWatch watch) => watch.NextAsync(Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop);
}
