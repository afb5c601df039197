// SPDX-License-Identifier: Apache-2.0

using Resolver.Cli.Output;
using Resolver.Contract.V1;
using Xunit;

namespace Resolver.Cli.Tests;

public sealed class DrawingTests
{
    [Fact]
    public void A_network_is_drawn_with_links_names_and_ports()
    {
        Network network = new() { Name = "app", Bridge = "br-3f2a9c0d11ee", Subnets = { new NetworkSubnet { Subnet = "172.30.0.0/24", Gateway = "172.30.0.1" } } };
        Endpoint db = Endpoint("db", "ve000000000001", "172.30.0.2");
        Endpoint web = Endpoint("web", "ve000000000002", "172.30.0.3");
        web.Ports.Add(new PublishedPort { HostAddress = "0.0.0.0", HostPort = 8080, EndpointPort = 80, Protocol = TransportProtocol.Tcp });
        NameEntry[] names =
        [
            new() { Name = "alpha", Owner = NameOwner.Endpoint, OwnerName = "db" },
            new() { Name = "cache", Owner = NameOwner.Registration, OwnerName = "cache", Addresses = { "10.0.0.5" } },
            new() { Name = "db", Owner = NameOwner.Endpoint, OwnerName = "db" },
            new() { Name = "web", Owner = NameOwner.Endpoint, OwnerName = "web" },
        ];
        using StringWriter output = new();

        Drawing.Network(output, network, [db, web], names);

        const string Expected = """
            app  172.30.0.0/24
            └─ br-3f2a9c0d11ee  172.30.0.1
               ├─ ve000000000001 ── eth0  db   172.30.0.2  02:42:ac:1e:00:02
               │     names db, alpha
               ├─ ve000000000002 ── eth0  web  172.30.0.3  02:42:ac:1e:00:02
               │     names web
               │     port  0.0.0.0:8080 → 80/tcp
               └─ registered names
                     cache → 10.0.0.5


            """;
        Assert.Equal(Expected, output.ToString());
    }

    private static Endpoint Endpoint(string sandbox, string link, string address) => new()
    {
        SandboxName = sandbox,
        HostLink = link,
        SandboxLink = "eth0",
        MacAddress = "02:42:ac:1e:00:02",
        Addresses = { address },
    };
}
