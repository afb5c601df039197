// SPDX-License-Identifier: Apache-2.0

using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd.Publishing;

/// <summary>A daemon that ends in the middle of publishing: each change is there whole or not at all, and what was acknowledged is there.</summary>
public sealed class KilledPublishTests(AppNetwork app) : IClassFixture<AppNetwork>
{
    private const int Pairs = 60;

    private readonly HostNamespace _host = app.Host;

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(25)]
    public async Task Each_change_is_there_whole_or_not_at_all(int acknowledged)
    {
        await _host.OkAsync("sandbox amid app");
        string before = await _host.SnapshotAsync();

        // Each publishes two ports together, of which one is a range that leads elsewhere, so that it is more than one element.
        string[] lines = (await _host.OkAsync($$"""
            mkdir -p /run/host/published; rm -f /run/host/published/*
            publish() { if resolver publish amid -p "$((21000 + $1)):80" -p "$((22000 + 3 * $1))-$((22002 + 3 * $1)):90-92/udp" >/dev/null 2>&1; then touch "/run/host/published/$1"; fi; }
            pids=()
            for i in $(seq {{Pairs}}); do publish "$i" & pids+=($!); done
            some() { test "$(find /run/host/published -type f | wc -l)" -ge {{acknowledged}}; }
            eventually some
            kill -KILL "$(cat /run/host/daemon.pid)"; eventually ended daemon
            for pid in "${pids[@]}"; do wait "$pid" || true; done
            start_daemon
            resolver port amid >/run/host/ports
            nft list map inet resolver published4 >/run/host/elements
            for i in $(seq {{Pairs}}); do
              told=$(test -e "/run/host/published/$i" && echo told || echo untold)
              port=$((21000 + i)) first=$((22000 + 3 * i))
              shown=$(grep -cE "0\.0\.0\.0:($port|$first|$((first + 1))|$((first + 2))|$first-$((first + 2)))$" /run/host/ports || true)
              known=$({ grep -oE "(tcp \. $port|udp \. $first|udp \. $((first + 1))|udp \. $((first + 2))) :" /run/host/elements || true; } | wc -l)
              echo "$told $((shown > 0)) $known"
            done | sort | uniq -c | sed 's/^ *//'
            """)).Split('\n');

        // Of all: told, shown and with its four elements; not told and shown; not told and nowhere.
        Assert.All(lines, line => Assert.Matches("^[0-9]+ (told 1 4|untold 1 4|untold 0 0)$", line));
        Assert.Contains(lines, line => line.EndsWith("told 1 4", StringComparison.Ordinal));

        await _host.OkAsync("""
            # shellcheck disable=SC2046
            for i in $(seq 60); do
              if grep -q "0\.0\.0\.0:$((21000 + i))$" /run/host/ports; then
                resolver unpublish amid -p "$((21000 + i)):80" -p "$((22000 + 3 * i))-$((22002 + 3 * i)):90-92/udp"
              fi
            done
            """);
        Assert.Equal(before, await _host.SnapshotAsync());
        Assert.Equal("0", await _host.OkAsync("ss -Hltun 'sport >= :21000 and sport <= :22999' | wc -l"));
        await _host.OkAsync("remove amid");
    }
}
