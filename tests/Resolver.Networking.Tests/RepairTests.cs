// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux.Sockets;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests;

/// <summary>What is found of the damage that others did, and what is done about it.</summary>
public sealed class RepairTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly Network _app = TestHost.NewNetwork("app", "172.30.0.0/24", 1);
    private readonly SandboxAccess _sandbox = TestHost.NewSandbox();
    private readonly DesiredEndpoint _web;

    public RepairTests()
    {
        _web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2, "8080:80");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sandbox.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task What_is_right_is_not_found_and_needs_no_repair()
    {
        await MakeAsync();
        string before = TestHost.WithoutIndexes(_host.Snapshot());
        Assert.Empty(Damaged());
        Assert.Empty(_host.Networking.Repair(_app));
        Assert.Empty(_host.Networking.Repair(_web, _sandbox));
        Assert.Equal(before, TestHost.WithoutIndexes(_host.Snapshot()));
    }

    [Theory]
    [InlineData("link set BRIDGE down", true, false)]
    [InlineData("link set BRIDGE group 7", true, false)]
    [InlineData("address delete 172.30.0.1/24 dev BRIDGE", true, false)]
    [InlineData("link delete BRIDGE", true, false)]
    [InlineData("link set LINK down", false, true)]
    [InlineData("link set LINK nomaster", false, true)]
    [InlineData("link set LINK group 7", false, true)]
    [InlineData("link delete LINK", false, true)]
    public async Task Damage_is_found_where_it_is_and_the_repair_leaves_none(string damage, bool isNetworks, bool isEndpoints)
    {
        await MakeAsync();
        string before = TestHost.WithoutIndexes(HostsLinks());
        _host.Run(["ip", .. damage.Replace("BRIDGE", _app.Bridge.Value, StringComparison.Ordinal).Replace("LINK", _web.Endpoint.HostLink.Value, StringComparison.Ordinal).Split(' ')]);
        Assert.Equal([.. isNetworks ? [_app.Id] : Array.Empty<ObjectId>(), .. isEndpoints ? [_web.Endpoint.Id] : Array.Empty<ObjectId>()], Damaged());
        Assert.Equal(isNetworks, !_host.Networking.Repair(_app).IsEmpty);
        Assert.Equal(isEndpoints || damage.Contains("delete BRIDGE", StringComparison.Ordinal), !_host.Networking.Repair(_web, _sandbox).IsEmpty);
        Assert.Empty(Damaged());
        Assert.Equal(before, TestHost.WithoutIndexes(HostsLinks()));
    }

    [Fact]
    public async Task A_link_of_somebody_else_with_the_name_of_ours_is_refused_and_left_alone()
    {
        await MakeAsync();
        string link = _web.Endpoint.HostLink.Value;
        _host.Run("ip", "link", "delete", link);
        _host.Run("ip", "link", "add", link, "type", "bridge");
        Assert.Equal([_web.Endpoint.Id], Damaged());
        RefusedException refused = Assert.Throws<RefusedException>(() => _host.Networking.Repair(_web, _sandbox));
        Assert.Contains($"a link named {link} exists on the host and is not ours", refused.Message, StringComparison.Ordinal);
        Assert.Contains("bridge forward_delay", _host.Run("ip", "-d", "link", "show", link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_that_another_process_has_are_published_when_it_lets_them_go_and_no_sooner()
    {
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        using (_host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8080), ProtocolType.Tcp)))
        {
            _host.Networking.HoldPorts([(_web.Endpoint, _app)]);
            await _host.Networking.ConvergeAsync(_web, _sandbox, Stop);
            Assert.Equal([_web.Endpoint.Id], _host.Networking.UnpublishedEndpoints);
            _host.Networking.Repair(_web, _sandbox);
            _host.Networking.RebuildTables([_app], [(_web.Endpoint, _app)]);
            Assert.DoesNotContain("8080", Published(), StringComparison.Ordinal);
        }

        _host.Networking.Repair(_web, _sandbox);
        Assert.Empty(_host.Networking.UnpublishedEndpoints);
        Assert.Contains("tcp . 8080 : 172.30.0.2 . 80", Published(), StringComparison.Ordinal);
        Assert.Throws<Linux.KernelException>(() => _host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8080), ProtocolType.Tcp)));
    }

    [Fact]
    public async Task Ports_that_are_taken_back_while_another_process_has_them_are_forgotten()
    {
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        using PortReservation other = _host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8080), ProtocolType.Tcp));
        _host.Networking.HoldPorts([(_web.Endpoint, _app)]);
        await _host.Networking.ConvergeAsync(_web, _sandbox, Stop);
        Endpoint instead = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2, "8081:80").Endpoint;
        await _host.Networking.RepublishAsync(_web, instead, Stop);
        Assert.Empty(_host.Networking.UnpublishedEndpoints);
        Assert.Contains("tcp . 8081 : 172.30.0.2 . 80", Published(), StringComparison.Ordinal);
        Assert.DoesNotContain("8080", Published(), StringComparison.Ordinal);
    }

    private async Task MakeAsync()
    {
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);
        await _host.Networking.ConvergeAsync(_web, _sandbox, Stop);
    }

    private ImmutableArray<ObjectId> Damaged() => _host.Networking.FindDamaged([_app], [(_web.Endpoint, _app)]);

    // The address of the host's end is random.
    private string HostsLinks() => string.Join(
        '\n',
        _host.Run("ip", "-d", "-o", "link", "show", "master", _app.Bridge.Value).Contains("hairpin on", StringComparison.Ordinal),
        _host.Run("ip", "-j", "address", "show", "dev", _app.Bridge.Value),
        TestHost.RunIn(_sandbox.Netns, "ip", "-j", "address"),
        TestHost.RunIn(_sandbox.Netns, "ip", "-j", "route"));

    private string Published() => _host.Run("nft", "list", "map", "inet", "resolver", "published4");
}
