// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Sockets;
using Resolver.Networking.Applying;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Firewall;
using Resolver.Networking.Planning;
using Xunit;

namespace Resolver.Networking.Tests;

public sealed class HostNetworkingTests : IDisposable
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
    public async Task A_network_comes_and_goes_and_leaves_the_host_as_it_was()
    {
        await MakeAppAsync();
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app, Present: false), Stop);
        string before = _host.Snapshot();
        await MakeAppAsync();
        Assert.Contains("172.30.0.1/24", _host.Run("ip", "address", "show", _app.Bridge.Value), StringComparison.Ordinal);
        Assert.Equal("1", _host.Run("sysctl", "-n", "net.ipv4.ip_forward"));
        string made = _host.Snapshot();
        await MakeAppAsync();
        Assert.Equal(WithoutIndexes(made), WithoutIndexes(_host.Snapshot()));
        await _host.Networking.ConvergeAsync(new DesiredNetwork(_app, Present: false), Stop);
        Assert.Equal(WithoutIndexes(before), WithoutIndexes(_host.Snapshot()));
    }

    [Fact]
    public async Task An_endpoint_comes_and_goes_and_leaves_all_as_it_was()
    {
        await MakeAppAsync();
        string before = _host.Run("nft", "list", "ruleset");
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2, "8080:80", "127.0.0.1:5353:53/udp");
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        string link = _host.Run("ip", "-d", "link", "show", web.Endpoint.HostLink.Value);
        Assert.Contains("alias resolver:endpoint:app/web:000000020000", link, StringComparison.Ordinal);
        Assert.Contains("172.30.0.2/24", TestHost.RunIn(_sandbox.Netns, "ip", "address", "show", "eth0"), StringComparison.Ordinal);
        Assert.StartsWith("default via 172.30.0.1 dev eth0", TestHost.RunIn(_sandbox.Netns, "ip", "route", "show", "default"), StringComparison.Ordinal);
        Assert.Contains("tcp . 8080 : 172.30.0.2 . 80", _host.Run("nft", "list", "map", "inet", "resolver", "published4"), StringComparison.Ordinal);
        string made = _host.Snapshot();
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        Assert.Equal(WithoutIndexes(made), WithoutIndexes(_host.Snapshot()));
        await _host.Networking.ConvergeAsync(web with { Present = false }, _sandbox, Stop);
        Assert.Equal(before, _host.Run("nft", "list", "ruleset"));
        Assert.DoesNotContain("eth0", TestHost.RunIn(_sandbox.Netns, "ip", "-br", "link"), StringComparison.Ordinal);
        _host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8080), ProtocolType.Tcp)).Dispose();
    }

    [Fact]
    public async Task A_port_of_another_process_is_refused_before_anything_changes()
    {
        await MakeAppAsync();
        using PortReservation other = _host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8081), ProtocolType.Tcp));
        string before = _host.Snapshot();
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2, "8080:80", "8081:81");
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(async () => await _host.Networking.ConvergeAsync(web, _sandbox, Stop));
        Assert.Contains("port 0.0.0.0:8081/tcp is taken by another process", refused.Message, StringComparison.Ordinal);
        Assert.Equal(WithoutIndexes(before), WithoutIndexes(_host.Snapshot()));
        _host.In(() => PortReservation.Bind(new IPEndPoint(IPAddress.Any, 8080), ProtocolType.Tcp)).Dispose();
    }

    [Fact]
    public async Task A_step_that_the_kernel_refuses_undoes_those_before_it()
    {
        await MakeAppAsync();
        DesiredEndpoint db = TestHost.NewEndpoint(_app, "db", "172.30.0.3", 3, "9000:90");
        using SandboxAccess other = TestHost.NewSandbox();
        await _host.Networking.ConvergeAsync(db, other, Stop);
        string before = WithoutIndexes(_host.Snapshot());

        // An address outside of the subnet: the last step of the plan, the default route, is refused after elements, veth and address were made.
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "192.0.2.2", 2, "7000:70/udp");
        KernelException refused = await Assert.ThrowsAsync<KernelException>(async () => await _host.Networking.ConvergeAsync(web, _sandbox, Stop));
        Assert.Equal(Errno.ENETUNREACH, refused.Errno);
        Assert.Equal(before, WithoutIndexes(_host.Snapshot()));
        Assert.DoesNotContain("eth0", TestHost.RunIn(_sandbox.Netns, "ip", "-br", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_to_follow_the_steps_and_fails_undoes_them()
    {
        using HostKernel kernel = _host.In(() => HostKernel.Open(NullLogger.Instance));
        PlanExecutor executor = new(kernel, new HostSettings(kernel, null), NullLogger.Instance);
        ImmutableArray<KernelStep> plan = [new KernelStep.ChangeElements([], NetworkElements.Of(TestHost.NewNetwork("followed", "172.31.0.0/24", 9)))];

        Assert.Throws<KernelException>(() => executor.Apply(plan, null, () => throw new KernelException("listen", "port 80", Errno.EADDRINUSE)));

        Assert.DoesNotContain("172.31.0.0", _host.Run("nft", "list", "ruleset"), StringComparison.Ordinal);
        executor.Apply(plan, null, () => { });
        Assert.Contains("172.31.0.0", _host.Run("nft", "list", "ruleset"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_are_taken_back_even_when_the_namespace_is_gone()
    {
        await MakeAppAsync();
        string before = _host.Run("nft", "list", "ruleset");
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2, "8080:80");
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        _ = _host.Run("ip", "link", "delete", web.Endpoint.HostLink.Value);
        await _host.Networking.ConvergeAsync(web with { Present = false }, null, Stop);
        Assert.Equal(before, _host.Run("nft", "list", "ruleset"));
    }

    [Fact]
    public void The_rewriting_leads_to_the_responder_and_goes_without_a_trace()
    {
        for (int time = 0; time < 2; time++)
        {
            Linux.Namespaces.NamespaceThread.Run(_sandbox.Netns, () => SandboxRewriting.Install(4711));
            Assert.Equal(
                """
                table ip resolver_dns {
                	chain output {
                		type filter hook output priority raw; policy accept;
                		oif != "lo" accept
                		ip daddr 127.0.0.11 udp dport 53 udp dport set 4711 notrack accept
                		ip saddr 127.0.0.11 udp sport 4711 udp sport set 53 notrack accept
                		ip daddr 127.0.0.11 tcp dport 53 tcp dport set 4711 notrack accept
                		ip saddr 127.0.0.11 tcp sport 4711 tcp sport set 53 notrack accept
                	}
                }
                """,
                TestHost.RunIn(_sandbox.Netns, "nft", "list", "ruleset"));
        }

        SandboxRewriting.Remove(_sandbox.Netns);
        SandboxRewriting.Remove(_sandbox.Netns);
        Assert.Empty(TestHost.RunIn(_sandbox.Netns, "nft", "list", "ruleset"));
    }

    [Fact]
    public async Task A_foreign_link_with_the_bridges_name_is_left_alone()
    {
        _ = _host.Run("ip", "link", "add", _app.Bridge.Value, "type", "bridge");
        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(
            async () => await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop));
        Assert.Contains("is not ours", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_daemon_left_half_made_is_finished()
    {
        // As the kernel has them between the request that makes a link and the one that says whose it is.
        DesiredEndpoint web = TestHost.NewEndpoint(_app, "web", "172.30.0.2", 2);
        _ = _host.Run("ip", "link", "add", _app.Bridge.Value, "group", "0x52530010", "type", "bridge");
        await MakeAppAsync();
        using Process inside = Linux.Namespaces.NamespaceThread.Run(_sandbox.Netns, () => Process.Start("sleep", "30"));
        _ = _host.Run("ip", "link", "add", web.Endpoint.HostLink.Value, "group", "0x52530001", "type", "veth", "peer", "name", "eth0", "netns", $"{inside.Id}");
        inside.Kill();
        await _host.Networking.ConvergeAsync(web, _sandbox, Stop);
        string links = _host.Run("ip", "-d", "link");
        Assert.Contains($"alias resolver:network:app:{_app.Id.ShortId}", links, StringComparison.Ordinal);
        Assert.Contains($"alias resolver:endpoint:app/web:{web.Endpoint.Id.ShortId}", links, StringComparison.Ordinal);
        Assert.Contains("hairpin on", links, StringComparison.Ordinal);
        Assert.Contains("172.30.0.2/24", TestHost.RunIn(_sandbox.Netns, "ip", "address", "show", "eth0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_prefixes_leave_out_what_is_ours()
    {
        await MakeAppAsync();
        _ = _host.Run("ip", "link", "add", "lan", "type", "bridge");
        _ = _host.Run("ip", "address", "add", "192.0.2.1/24", "dev", "lan");
        _ = _host.Run("ip", "link", "set", "lan", "up");
        IEnumerable<string> prefixes = _host.Networking.HostPrefixes(_app.Subnets.Select(subnet => subnet.Subnet).ToHashSet()).Select(prefix => prefix.ToString());
        Assert.Contains("192.0.2.0/24", prefixes);
        Assert.DoesNotContain("172.30.0.0/24", prefixes);
    }

    private async Task MakeAppAsync() => await _host.Networking.ConvergeAsync(new DesiredNetwork(_app), Stop);

    private static string WithoutIndexes(string snapshot) => TestHost.WithoutIndexes(snapshot);
}
