// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests.Coexistence;

public sealed class LinksWatchTests
{
    private static readonly Network App = TestHost.NewNetwork("app", "172.30.0.0/24", 1);
    private static readonly Network Other = TestHost.NewNetwork("other", "172.31.0.0/24", 3);
    private static readonly DesiredEndpoint Web = TestHost.NewEndpoint(App, "web", "172.30.0.2", 2);

    [Fact]
    public void A_link_is_known_by_its_name_or_by_what_its_alias_says()
    {
        LinksChanges byName = Changes([new LinkEvent.Changed(App.Bridge.Value, null), new LinkEvent.Changed(Web.Endpoint.HostLink.Value, null)]);
        LinksChanges byAlias = Changes([new LinkEvent.Changed("mine0", LinkTags.Of(App)), new LinkEvent.Changed("mine1", LinkTags.Of(Web))]);
        foreach (LinksChanges changes in (LinksChanges[])[byName, byAlias])
        {
            Assert.True(changes.MayConcern(App));
            Assert.True(changes.MayConcern(Web.Endpoint));
            Assert.False(changes.MayConcern(Other));
        }
    }

    [Theory]
    [InlineData("eth0", null)]
    [InlineData("eth0", "")]
    [InlineData("eth0", ":000000010000")]
    [InlineData("eth0", "resolver:")]
    public void Other_links_concern_nobody(string name, string? alias)
    {
        LinksChanges changes = Changes([new LinkEvent.Changed(name, alias)]);
        Assert.False(changes.MayConcern(App) || changes.MayConcern(Web.Endpoint));
    }

    [Fact]
    public void An_address_that_is_gone_concerns_the_link_that_had_it()
    {
        LinksChanges changes = Changes([new LinkEvent.AddressRemoved(new LinkIndex(7)), new LinkEvent.AddressRemoved(new LinkIndex(8))], new Link { Index = new LinkIndex(7), Name = App.Bridge.Value });
        Assert.True(changes.MayConcern(App));
        Assert.False(changes.MayConcern(Other));
    }

    [Fact]
    public void When_something_was_missed_everything_is_concerned()
    {
        LinksChanges changes = Changes([new LinkEvent.Lost()]);
        Assert.True(changes.MayConcern(Other));
        Assert.True(changes.MayConcern(Web.Endpoint));
    }

    private static LinksChanges Changes(LinkEvent[] events, params Link[] links) =>
        LinksWatch.ChangesOf([.. events], index => links.FirstOrDefault(link => link.Index == index)?.Name);
}
