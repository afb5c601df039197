// SPDX-License-Identifier: Apache-2.0

using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables;
using Resolver.Linux.Nftables.Batches;
using Xunit;

namespace Resolver.Linux.Tests;

/// <summary>What is heard of changes that others make in a namespace.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly NetworkNamespace _host = NetworkNamespace.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Links_are_heard_of_when_they_come_change_and_go_and_addresses_when_they_go()
    {
        using LinkWatch watch = NamespaceThread.Run(_host, LinkWatch.Open);
        Assert.Empty(watch.Take());
        Shell.In(_host, "ip", "link", "add", "br0", "type", "bridge");
        await watch.WaitAsync(Stop);
        Assert.Contains(new LinkEvent.Changed("br0", null), watch.Take());
        Shell.In(_host, "ip", "link", "set", "br0", "up");
        Shell.In(_host, "ip", "link", "set", "br0", "alias", "ours"); // Of one that is down the kernel would say nothing.
        Assert.Contains(new LinkEvent.Changed("br0", "ours"), watch.Take());
        Shell.In(_host, "ip", "link", "set", "br0", "down");
        Shell.In(_host, "ip", "link", "set", "br0", "name", "br1");
        Assert.Contains(new LinkEvent.Changed("br1", "ours"), watch.Take());
        Shell.In(_host, "ip", "address", "add", "192.0.2.1/24", "dev", "br1");
        Shell.In(_host, "ip", "address", "add", "2001:db8::1/64", "dev", "br1");
        Assert.Empty(watch.Take());
        using RouteSocket route = RouteSocket.Open(_host);
        LinkIndex index = route.FindLink("br1")!.Index;
        Assert.Equal("br1", route.FindLink(index)?.Name);
        Shell.In(_host, "ip", "address", "delete", "192.0.2.1/24", "dev", "br1");
        Assert.Equal([new LinkEvent.AddressRemoved(index)], watch.Take());
        Shell.In(_host, "ip", "address", "delete", "2001:db8::1/64", "dev", "br1");
        Assert.Equal([new LinkEvent.AddressRemoved(index)], watch.Take());
        Shell.In(_host, "ip", "link", "delete", "br1");
        Assert.Contains(new LinkEvent.Changed("br1", "ours"), watch.Take());
        Assert.Null(route.FindLink(index));
    }

    [Fact]
    public async Task More_links_than_the_socket_can_hold_are_told_as_a_loss()
    {
        using LinkWatch watch = NamespaceThread.Run(_host, LinkWatch.Open);
        using RouteSocket route = RouteSocket.Open(_host);
        LinkIndex link = route.CreateBridge(new BridgeSpec("br0"));
        route.SetLink(link, new LinkChange { Up = true });
        for (int i = 0; i < 10_000; i++)
        {
            route.SetLink(link, new LinkChange { Group = (uint)i });
        }

        await watch.WaitAsync(Stop);
        Assert.Contains(new LinkEvent.Lost(), watch.Take());
        Assert.Empty(watch.Take());
    }

    [Fact]
    public async Task A_transaction_is_told_with_what_it_deleted_who_asked_for_it_and_its_number()
    {
        using NftablesSocket own = NamespaceThread.Run(_host, () => new NftablesSocket());
        using RulesetWatch watch = NamespaceThread.Run(_host, RulesetWatch.Open);
        uint before = own.Generation();
        NftablesBatch batch = new();
        batch.AddTable(NftablesFamily.IPv4, "t");
        own.Commit(batch);
        Assert.Equal([new RulesetEvent.Committed(own.PortId, before + 1)], await watch.NextAsync(Stop));

        Shell.In(_host, "nft", "add chain ip t c; add rule ip t c accept; add set ip t s { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }");
        Assert.Equal(new RulesetEvent.ChainAdded("ip t", "c"), (await watch.NextAsync(Stop))[0]);
        Assert.Equal(before + 2, own.Generation());

        Shell.In(_host, "nft", "flush chain ip t c; delete element ip t s { 192.0.2.1 }");
        RulesetEvent[] events = [.. await watch.NextAsync(Stop)];
        Assert.Equal([new RulesetEvent.RuleDeleted("ip t", "c"), new RulesetEvent.ElementsDeleted("ip t", "s")], events[..^1]);
        RulesetEvent.Committed committed = Assert.IsType<RulesetEvent.Committed>(events[^1]);
        Assert.NotEqual(own.PortId, committed.PortId);
        Assert.Equal(before + 3, committed.Generation);

        Shell.In(_host, "nft", "delete chain ip t c; delete set ip t s; delete table ip t");
        events = [.. await watch.NextAsync(Stop)];
        Assert.Equal(
            [new RulesetEvent.ChainDeleted("ip t", "c"), new RulesetEvent.SetDeleted("ip t", "s"), new RulesetEvent.TableDeleted("ip t")],
            events.Where(happened => happened is not (RulesetEvent.Committed or RulesetEvent.ElementsDeleted)));
    }
}
