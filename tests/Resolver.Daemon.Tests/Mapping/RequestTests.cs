// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Endpoints;
using Resolver.Daemon.Mapping;
using Xunit;
using PublishedPort = Resolver.Contract.V1.PublishedPort;
using PublishRequest = Resolver.Core.Endpoints.PublishRequest;
using TransportProtocol = Resolver.Core.Endpoints.TransportProtocol;

namespace Resolver.Daemon.Tests.Mapping;

public sealed class RequestTests
{
    [Fact]
    public void A_network_with_only_a_name_leaves_the_rest_to_the_daemon()
    {
        CreateNetwork change = NetworkRequests.ToChange(new CreateNetworkRequest { Name = "app" });

        Assert.Equal("app", change.Name.Value);
        Assert.Empty(change.Subnets);
        Assert.Null(change.Mtu);
        Assert.Empty(change.Upstreams);
    }

    [Fact]
    public void A_connect_carries_every_field_over()
    {
        ConnectEndpoint change = EndpointRequests.ToChange(new ConnectRequest
        {
            Network = "app",
            NetnsPath = "/run/netns/web",
            Name = "web",
            Aliases = { "www" },
            Addresses = { "172.30.0.9" },
            MacAddress = "02:42:ac:1e:00:09",
            SandboxLink = "lan0",
            Mtu = 1400,
            Links = { "db:database", "cache" },
            Sysctls = { "net.ipv4.conf.IFNAME.log_martians=1" },
            Routes = { new Contract.V1.StaticRoute { Destination = "10.8.0.0/16", Gateway = "172.30.0.9" } },
            Ports = { new PublishedPort { HostPort = 5353, EndpointPort = 53, Protocol = Contract.V1.TransportProtocol.Udp } },
        });

        Assert.Equal("app", change.Network);
        Assert.Equal(new SandboxTarget.ByPath("/run/netns/web"), change.Target);
        Assert.Equal("web", change.Name?.Value);
        Assert.Equal(["www"], change.Aliases.Select(alias => alias.Value));
        Assert.Equal([IPAddress.Parse("172.30.0.9")], change.Addresses);
        Assert.Equal("02:42:ac:1e:00:09", change.Mac.ToString());
        Assert.Equal("lan0", change.SandboxLink?.Value);
        Assert.Equal(1400, change.Mtu);
        Assert.Equal(["db:database", "cache:cache"], change.Links.Select(link => link.ToString()));
        Assert.Equal(["net.ipv4.conf.IFNAME.log_martians=1"], change.Sysctls.Select(sysctl => sysctl.ToString()));
        Assert.Equal(["10.8.0.0/16=172.30.0.9"], change.Routes.Select(route => route.ToString()));
        Assert.Equal([new PublishRequest(null, new PortRange(5353, 5353), new PortRange(53, 53), TransportProtocol.Udp)], change.Ports);
    }

    [Fact]
    public void A_connect_without_a_network_means_the_default_one() =>
        Assert.Null(EndpointRequests.ToChange(new ConnectRequest { Pid = 1 }).Network);

    [Fact]
    public void Addresses_of_a_registration_lose_their_duplicates()
    {
        RegisterNames change = RegistrationRequests.ToChange(
            new RegisterRequest { Network = "app", Name = "cache", Addresses = { "10.0.0.5", "fd00::5", "10.0.0.5" } });

        Assert.Equal([IPAddress.Parse("10.0.0.5"), IPAddress.Parse("fd00::5")], change.Addresses);
    }
}
