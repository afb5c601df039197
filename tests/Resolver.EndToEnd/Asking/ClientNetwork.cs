// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Asking;

/// <summary>
/// A network with a sandbox that asks and a peer that all names of the network lead to: its own name, the alias store, the registered six
/// (IPv6 only) and many (300 addresses). nginx answers at all of them, and at the address of both.example.org in the world outside.
/// Networks have no IPv6, so the two sandboxes are given IPv6 addresses here.
/// </summary>
public sealed class ClientNetwork : IAsyncLifetime
{
    private const string Start = """
        cp -r "$clients" /run/host/clients
        cd /run/host/clients
        gcc -Wall -Wextra -Werror -o /run/host/lookup-glibc lookup.c
        musl-gcc -static -Wall -Wextra -Werror -o /run/host/lookup-musl lookup.c
        gcc -Wall -Wextra -Werror -o /run/host/lookup-cares lookup-cares.c -lcares
        CGO_ENABLED=0 GOFLAGS=-mod=mod GOPROXY=off GOCACHE=/run/host/go GOPATH=/run/host/go go build -o /run/host/lookup-go lookup.go

        resolver network create app --subnet 172.30.0.0/24 --opt allow_spoofing=true
        sandbox peer app --ip 172.30.0.20 --alias store
        sandbox asker app --ip 172.30.0.21
        ip -n peer address add fd00:30::20/64 dev eth0 nodad
        ip -n asker address add fd00:30::21/64 dev eth0 nodad
        ip -n peer route add local 10.99.0.0/16 dev lo
        ip -n asker route add 10.99.0.0/16 via 172.30.0.20
        ip -n upstream address add 203.0.113.80/32 dev lo
        resolver register app six --ip fd00:30::20
        resolver register app many $(printf -- '--ip %s ' $addresses)

        inside peer nginx-peer nginx -e stderr -g 'pid /run/host/nginx-peer.id;' -c /run/host/clients/nginx.conf
        inside asker nginx-asker nginx -e stderr -g 'pid /run/host/nginx-asker.id;' -c /run/host/clients/nginx.conf
        background nginx-outside ip netns exec upstream nginx -e stderr -g 'pid /run/host/nginx-outside.id;' -c /run/host/clients/nginx.conf
        for address in 172.30.0.20 '[fd00:30::20]' 10.99.0.1 203.0.113.80 127.0.0.1:8053; do
          eventually ip netns exec asker curl --silent "http://$address"
        done
        """;

    private readonly RunningHost _running = new();

    public HostNamespace Host => _running.Host;

    public async ValueTask InitializeAsync()
    {
        await _running.InitializeAsync();
        string clients = Path.Combine(AppContext.BaseDirectory, "clients");
        await Host.OkAsync($"clients='{clients}' addresses='{string.Join(' ', AskedName.ManyAddresses)}'\n{Start}");
    }

    public async ValueTask DisposeAsync()
    {
        await Host.OkAsync("stop nginx-asker; stop nginx-peer; remove asker peer; resolver deregister app six; resolver deregister app many");
        await _running.DisposeAsync();
    }
}
