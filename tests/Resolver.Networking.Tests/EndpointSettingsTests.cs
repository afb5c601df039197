// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Observing;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests;

public sealed class EndpointSettingsTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly Network _app = TestHost.NewNetwork("app", "172.30.0.0/24", 1);
    private readonly SandboxAccess _sandbox = TestHost.NewSandbox();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sandbox.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task An_endpoint_has_its_own_mtu_parameters_and_routes_and_nobody_else_has()
    {
        DesiredEndpoint web = await MakeAsync();
        string link = In("ip", "-d", "link", "show", "eth0");
        Assert.Contains("mtu 1400", link, StringComparison.Ordinal);
        Assert.Contains("mtu 1500", _host.Run("ip", "link", "show", web.Endpoint.HostLink.Value), StringComparison.Ordinal);
        Assert.Contains("mtu 1500", _host.Run("ip", "link", "show", _app.Bridge.Value), StringComparison.Ordinal);
        Assert.Equal("1", In("sysctl", "-n", "net.ipv4.conf.eth0.log_martians"));
        Assert.Equal("0", In("sysctl", "-n", "net.ipv4.conf.default.log_martians"));
        Assert.Equal("77", In("sysctl", "-n", "net.ipv4.neigh.eth0.gc_stale_time"));
        Assert.Equal("10.8.0.0/16 via 172.30.0.9 dev eth0 proto static", In("ip", "route", "show", "10.8.0.0/16").Trim());
    }

    [Fact]
    public async Task What_somebody_changed_is_put_right_and_what_is_right_needs_no_step()
    {
        DesiredEndpoint web = await MakeAsync();
        _ = In("ip", "link", "set", "eth0", "mtu", "1300");
        _ = In("sysctl", "-w", "net.ipv4.conf.eth0.log_martians=0");
        _ = In("ip", "route", "delete", "10.8.0.0/16");
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        Assert.Contains("mtu 1400", In("ip", "link", "show", "eth0"), StringComparison.Ordinal);
        Assert.Equal("1", In("sysctl", "-n", "net.ipv4.conf.eth0.log_martians"));
        Assert.NotEmpty(In("ip", "route", "show", "10.8.0.0/16"));
    }

    [Theory]
    [InlineData("net.ipv4.conf.IFNAME.no_such_thing=1", FailureReason.InvalidArgument, "no parameter net/ipv4/conf/eth0/no_such_thing")]
    [InlineData("net.ipv4.conf.IFNAME.log_martians=yes", FailureReason.InvalidArgument, "does not take 'yes'")]
    public async Task A_parameter_that_the_kernel_refuses_takes_everything_back(string sysctl, FailureReason reason, string why)
    {
        await MakeNetworkAsync();
        string before = Everything();
        DesiredEndpoint web = Wanted([LinkSysctl.Parse("net.ipv4.conf.IFNAME.forwarding=1", "sysctls"), LinkSysctl.Parse(sysctl, "sysctls")]);
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () => await _host.Networking.ConvergeAsync(web, _sandbox, Stop));
        Assert.Equal(reason, refused.Reason);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task A_route_that_the_sandbox_has_from_somebody_else_is_refused_and_left()
    {
        await MakeNetworkAsync();
        _ = In("ip", "link", "set", "lo", "up");
        _ = In("ip", "route", "add", "10.8.0.0/16", "dev", "lo");
        string before = Everything();
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () => await _host.Networking.ConvergeAsync(Wanted([]), _sandbox, Stop));
        Assert.Contains("a route to 10.8.0.0/16 that is not this endpoint's", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void A_plan_of_settings_against_its_own_result_is_empty_and_undone_in_reverse()
    {
        DesiredEndpoint web = Wanted([LinkSysctl.Parse("net.ipv4.conf.IFNAME.log_martians=1", "sysctls")]);
        Link link = new() { Index = new LinkIndex(7), Name = "eth0", Mtu = 1300, IsUp = true, Kind = "veth" };
        ObservedEndpoint there = new()
        {
            HasAccess = true,
            HasElements = true,
            HasReservedPorts = true,
            Bridge = new LinkIndex(2),
            HostLink = new Link { Index = new LinkIndex(3), Name = web.Endpoint.HostLink.Value, Kind = "veth", Alias = LinkTags.Of(web), Master = new LinkIndex(2), IsUp = true, Group = Firewall.LinkGroups.OfPorts(_app) },
            SandboxLink = link,
            Addresses = [new AddressEntry(link.Index, web.Endpoint.Addresses[0], 24)],
            DefaultGateways = [IPAddress.Parse("172.30.0.1")],
        };
        KernelStep[] steps = [.. EndpointPlanner.Plan(web, there)];
        Assert.Equal(
            ["SetMtu", "WriteLinkSysctl", "AddRoute"], steps.Select(step => step.GetType().Name));
        Assert.Equal(new KernelStep.SetMtu(web.Endpoint.SandboxLink, 1300, 1400), steps[0].Inverse);
        Assert.Equal(steps, steps.Select(step => step.Inverse.Inverse));
        Assert.Empty(EndpointPlanner.Plan(web, there with
        {
            SandboxLink = link with { Mtu = 1400 },
            Sysctls = there.Sysctls.Add("net/ipv4/conf/eth0/log_martians", "1"),
            Routes = [new RouteEntry(web.Endpoint.Routes[0].Destination.Prefix, web.Endpoint.Routes[0].Gateway, link.Index)],
        }));
    }

    private DesiredEndpoint Wanted(IEnumerable<LinkSysctl> sysctls)
    {
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2);
        return web with
        {
            Endpoint = web.Endpoint with
            {
                Mtu = 1400,
                Sysctls = [.. sysctls],
                Routes = [new StaticRoute(Subnet.Parse("10.8.0.0/16", "routes"), IPAddress.Parse("172.30.0.9"))],
            },
        };
    }

    private async Task MakeNetworkAsync() => await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);

    private async Task<DesiredEndpoint> MakeAsync()
    {
        await MakeNetworkAsync();
        DesiredEndpoint web = Wanted(
            [LinkSysctl.Parse("net.ipv4.conf.IFNAME.log_martians=1", "sysctls"), LinkSysctl.Parse("net.ipv4.neigh.IFNAME.gc_stale_time=77", "sysctls")]);
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        return web;
    }

    private string In(params string[] command) => TestHost.RunIn(_sandbox.Netns, command);

    private string Everything() => string.Join(
        '\n', TestHost.WithoutIndexes(_host.Snapshot()), In("ip", "-j", "link"), In("ip", "-j", "address"), In("ip", "-j", "route"));
}
