// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Xunit;

namespace Resolver.Linux.Tests;

public sealed class RouteSocketTests : IDisposable
{
    private readonly NetworkNamespace _host = NetworkNamespace.Create();
    private readonly RouteSocket _route;

    public RouteSocketTests()
    {
        _route = RouteSocket.Open(_host);
    }

    public void Dispose()
    {
        _route.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_bridge_has_what_was_asked_for()
    {
        LinkIndex index = _route.CreateBridge(new BridgeSpec("br-test", "resolver:network:test", [2, 0, 0, 0, 0, 1], 1400));
        string witness = Shell.In(_host, "ip", "-d", "link", "show", "br-test");
        Assert.Contains("resolver:network:test", Shell.In(_host, "ip", "-j", "link", "show", "br-test"), StringComparison.Ordinal);
        Assert.Contains("link/ether 02:00:00:00:00:01", witness, StringComparison.Ordinal);
        Assert.Contains("mtu 1400", witness, StringComparison.Ordinal);
        Assert.Contains("bridge forward_delay", witness, StringComparison.Ordinal);
        Link link = Assert.IsType<Link>(_route.FindLink("br-test"));
        Assert.Equal((index, "bridge", "resolver:network:test", 1400, false), (link.Index, link.Kind, link.Alias, link.Mtu, link.IsUp));
    }

    [Fact]
    public void A_veth_is_born_in_its_namespace_under_its_final_name()
    {
        using NetworkNamespace sandbox = NetworkNamespace.Create();
        LinkIndex bridge = _route.CreateBridge(new BridgeSpec("br0"));
        _route.CreateVeth(new VethSpec
        {
            Name = "veweb",
            Alias = "web",
            Master = bridge,
            Up = true,
            PeerName = "eth0",
            PeerNetns = sandbox,
            PeerHardwareAddress = [2, 0x42, 1, 2, 3, 4],
            Mtu = 1300,
        });
        string near = Shell.In(_host, "ip", "-d", "link", "show", "veweb");
        Assert.Contains("master br0", near, StringComparison.Ordinal);
        Assert.Contains("UP", near, StringComparison.Ordinal);
        Assert.Contains("alias web", near, StringComparison.Ordinal);
        string far = Shell.In(sandbox, "ip", "-d", "link", "show", "eth0");
        Assert.Contains("link/ether 02:42:01:02:03:04", far, StringComparison.Ordinal);
        Assert.Contains("mtu 1300", far, StringComparison.Ordinal);
        Link link = Assert.IsType<Link>(_route.FindLink("veweb"));
        Assert.Equal(bridge, link.Master);
        Assert.NotNull(link.PeerNetnsId);
    }

    [Fact]
    public void Addresses_and_routes_come_and_go()
    {
        LinkIndex bridge = _route.CreateBridge(new BridgeSpec("br0"));
        _route.SetLink(bridge, new LinkChange { Up = true });
        AddressEntry address = new(bridge, IPAddress.Parse("172.30.0.1"), 24);
        _route.AddAddress(address);
        Assert.Contains("inet 172.30.0.1/24", Shell.In(_host, "ip", "address", "show", "br0"), StringComparison.Ordinal);
        Assert.Contains(address, _route.Addresses(bridge));
        RouteEntry route = new(IPNetwork.Parse("0.0.0.0/0"), IPAddress.Parse("172.30.0.254"), null);
        _route.AddRoute(route);
        Assert.Equal("default via 172.30.0.254 dev br0 proto static", Shell.In(_host, "ip", "route", "show", "default"));
        Assert.Contains(route with { Link = bridge }, _route.Routes());
        Assert.Equal(IPAddress.Parse("172.30.0.254"), _route.RouteTo(IPAddress.Parse("192.0.2.1"))?.Gateway);
        _route.RemoveRoute(route);
        Assert.Null(_route.RouteTo(IPAddress.Parse("192.0.2.1")));
        _route.RemoveAddress(address);
        Assert.DoesNotContain(address, _route.Addresses());
    }

    [Fact]
    public void An_ipv6_address_skips_duplicate_detection()
    {
        LinkIndex bridge = _route.CreateBridge(new BridgeSpec("br0"));
        _route.AddAddress(new AddressEntry(bridge, IPAddress.Parse("fd00::1"), 64));
        Assert.Contains("fd00::1/64 scope global nodad", Shell.In(_host, "ip", "address", "show", "br0"), StringComparison.Ordinal);
    }

    [Fact]
    public void Refusals_name_operation_object_errno_and_the_kernels_sentence()
    {
        _route.CreateBridge(new BridgeSpec("br0"));
        KernelException exists = Assert.Throws<KernelException>(() => _route.CreateBridge(new BridgeSpec("br0")));
        Assert.Equal(("RTM_NEWLINK", "bridge br0", Errno.EEXIST), (exists.Operation, exists.Subject, exists.Errno));
        RouteEntry nowhere = new(IPNetwork.Parse("0.0.0.0/0"), IPAddress.Parse("192.0.2.1"), null);
        KernelException unreachable = Assert.Throws<KernelException>(() => _route.AddRoute(nowhere));
        Assert.Equal(Errno.ENETUNREACH, unreachable.Errno);
        Assert.Equal("Nexthop has invalid gateway", unreachable.ExtendedAck);
        Assert.Throws<KernelException>(() => _route.DeleteLink(new LinkIndex(4711)));
        Assert.Null(_route.FindLink("nothere"));
    }

    [Fact]
    public void A_dump_holds_all_of_300_links_while_others_come_and_go()
    {
        for (int i = 0; i < 300; i++)
        {
            _route.CreateBridge(new BridgeSpec($"br{i}"));
        }

        using RouteSocket other = RouteSocket.Open(_host);
        using CancellationTokenSource stop = new();
        Thread churn = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                other.DeleteLink(other.CreateBridge(new BridgeSpec("churn")));
            }
        });
        churn.Start();
        for (int i = 0; i < 20; i++)
        {
            IEnumerable<string> names = _route.Links().Select(link => link.Name).Where(name => name.StartsWith("br", StringComparison.Ordinal));
            Assert.Equal(300, names.Distinct().Count());
        }

        stop.Cancel();
        churn.Join();
    }
}
