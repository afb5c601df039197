// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>
/// A running host with a peer on the network <c>app</c>, the networks <c>answered</c> and <c>silent</c>, named after what their upstreams do, and
/// the program of clients/flood.c.
/// </summary>
public sealed class FloodedHost : IAsyncLifetime
{
    private const string Start = """
        background answering ip netns exec client dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
          --bind-interfaces --listen-address=192.0.2.2 --cache-size=0 --local-ttl=300 --address=/#/203.0.113.7
        eventually ip netns exec client dig +tries=1 +time=1 @192.0.2.2 up.example

        ip -n client address add 192.0.2.3/24 dev eth0
        ip netns exec client nft 'add table ip quiet; add chain ip quiet in { type filter hook input priority 0; }; add rule ip quiet in ip daddr 192.0.2.3 drop'

        resolver network create app --subnet 172.30.0.0/24
        resolver network create answered --subnet 172.30.41.0/24 --dns 192.0.2.2
        resolver network create silent --subnet 172.30.42.0/24 --dns 192.0.2.3
        sandbox peer app --ip 172.30.0.77
        """;

    // In kibibytes, once the collector had its turn: two looks in a row that agree within 1 MiB.
    private const string Functions = """
        resident() { awk '/^VmRSS/ { print $2 }' "/proc/$(cat /run/host/daemon.pid)/status"; }
        memory() {
          local last=0 now=0
          for _ in $(seq 20); do
            now=$(resident)
            if ((now - last < 1024 && last - now < 1024)); then break; fi
            last=$now
            sleep 0.5
          done
          echo "$now"
        }
        """;

    private readonly RunningHost _running = new();

    public HostNamespace Host => _running.Host;

    public async ValueTask InitializeAsync()
    {
        await _running.InitializeAsync();
        string source = Path.Combine(AppContext.BaseDirectory, "clients", "flood.c");
        await Host.OkAsync($"gcc -O2 -Wall -Wextra -Werror -o /run/host/flood '{source}'");
        await Host.OkAsync(Start);
    }

    /// <summary>What <see cref="HostNamespace.OkAsync"/> runs, with <c>memory</c> to look at the daemon.</summary>
    public Task<string> OkAsync(string script) => Host.OkAsync($"{Functions}\n{script}");

    public ValueTask DisposeAsync() => _running.DisposeAsync();
}
