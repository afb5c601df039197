// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Endpoints;

/// <summary>--link: names that one sandbox alone has for its peers.</summary>
public sealed class LinkTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const string Kill = "kill -KILL $(cat /run/host/daemon.pid); eventually ended daemon; ";

    private readonly HostNamespace _host = app.Host;

    [Fact]
    public async Task A_link_follows_its_peer_and_nobody_else_sees_it()
    {
        await _host.OkAsync("ip netns add db; sandbox web app --link db:database; sandbox other app");
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in web database"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect app --netns /run/netns/db --name db --ip 172.30.0.31");
        Assert.Equal("172.30.0.31", await _host.OkAsync("dig_in web +short database"));
        Assert.Equal("172.30.0.31", await _host.OkAsync("dig_in web +short database.app"));
        await _host.OkAsync("resolver exec web -- ping -c 1 -W 2 database");
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in other database"), StringComparison.Ordinal);

        await _host.OkAsync("resolver network disconnect app db");
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in web database"), StringComparison.Ordinal);
        await _host.OkAsync("resolver network connect app --netns /run/netns/db --name db --ip 172.30.0.32");
        Assert.Equal("172.30.0.32", await _host.OkAsync("dig_in web +short database"));

        await _host.OkAsync(Kill + "start_daemon");
        Assert.Equal("172.30.0.32", await _host.OkAsync("dig_in web +short database"));
        Assert.Contains("db:database", await _host.OkAsync("resolver network inspect app"), StringComparison.Ordinal);
        await _host.OkAsync("remove web other; resolver network disconnect app db; ip netns del db");
    }

    [Fact]
    public async Task An_alias_that_is_anothers_name_is_the_peers_for_the_one_who_linked()
    {
        await _host.OkAsync("""
            sandbox real app --ip 172.30.0.41; sandbox fake app --ip 172.30.0.42
            sandbox web app --link fake:real
            """);
        Assert.Equal("172.30.0.42", await _host.OkAsync("dig_in web +short real"));
        Assert.Equal("172.30.0.41", await _host.OkAsync("dig_in fake +short real"));
        await _host.OkAsync("remove web real fake");
    }

    [Fact]
    public async Task On_the_default_network_a_link_gives_the_peer_its_names_for_this_sandbox()
    {
        await _host.OkAsync("sandbox olddb bridge; sandbox linked bridge --link olddb:database; sandbox alone bridge");
        string address = (await _host.OkAsync("resolver exec olddb -- ip -o -4 address show dev eth0 | awk '{ print $4 }'")).Split('/')[0];
        Assert.Equal(address, await _host.OkAsync("dig_in linked +short database"));
        Assert.Equal(address, await _host.OkAsync("dig_in linked +short olddb"));
        await _host.OkAsync("resolver exec linked -- ping -c 1 -W 2 database");
        Assert.Equal("", await _host.OkAsync("dig_in alone +short database; dig_in alone +short olddb"));
        Assert.Equal("", await _host.OkAsync("dig_in linked +short alone"));
        await _host.OkAsync("remove olddb");
        Assert.Contains("NXDOMAIN", await _host.OkAsync("dig_in linked database"), StringComparison.Ordinal);
        await _host.OkAsync("remove linked alone");
    }

    [Theory]
    [InlineData("--link db:it --link cache:it")]
    [InlineData("--link db:a:b")]
    [InlineData("--link 'a b'")]
    public async Task A_link_that_makes_no_sense_is_refused(string options)
    {
        await _host.OkAsync("ip netns add linker");
        await _host.RefusedAsync($"resolver network connect app --netns /run/netns/linker --name linker {options}");
        await _host.OkAsync("ip netns del linker");
    }
}
