// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>A running host whose LAN and upstream have IPv6 as well, with the network <c>dual</c>: 172.30.0.0/24 and fd00:30::/64.</summary>
public sealed class DualStackHost : IAsyncLifetime
{
    private readonly RunningHost _running = new();

    public HostNamespace Host => _running.Host;

    public async ValueTask InitializeAsync()
    {
        await _running.InitializeAsync();
        await Host.OkAsync("""
            ip -6 address add 2001:db8:1::1/64 dev eth0 nodad
            ip -n client -6 address add 2001:db8:1::2/64 dev eth0 nodad
            ip -n client -6 route add default via 2001:db8:1::1
            ip -6 address add 2001:db8:2::1/64 dev eth1 nodad
            ip -n upstream -6 address add 2001:db8:2::53/64 dev eth0 nodad
            ip -6 route add default via 2001:db8:2::53
            resolver network create dual --subnet 172.30.0.0/24 --subnet fd00:30::/64
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.OkAsync("ip -6 address del 2001:db8:1::1/64 dev eth0; ip -6 address del 2001:db8:2::1/64 dev eth1");
        await _running.DisposeAsync();
    }
}
