// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>
/// A host with a running daemon and an upstream that knows example.org; one per class of tests. At the end it fails when the daemon
/// logged an error, or when a link, an address, a route, a rule or a namespace is left after everything was removed.
/// </summary>
public sealed class RunningHost : IAsyncLifetime
{
    private const string RemoveEverything = """
        for sandbox in $(resolver ps --quiet); do resolver rm "$sandbox" 2>/run/host/gone || grep -q 'no sandbox' /run/host/gone; done
        resolver network ls --quiet >/run/host/networks
        while read -r network; do
          if ! resolver network inspect "$network" | grep -qiE '"is_?default": *true'; then resolver network rm "$network"; fi
        done </run/host/networks
        """;

    private HostNamespace? _host;
    private string _baseline = "";

    public HostNamespace Host => _host ?? throw new InvalidOperationException("not initialised");

    public async ValueTask InitializeAsync()
    {
        _host = await HostNamespace.StartAsync();
        await _host.OkAsync(Upstream.StartScript);
        CommandResult started = await _host.RunAsync("start_daemon");
        if (started.ExitCode != 0)
        {
            throw new InvalidOperationException($"resolverd did not start: {started.Error}{await ReadLogAsync()}");
        }

        _baseline = await _host.SnapshotAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
        {
            return;
        }

        try
        {
            await _host.OkAsync(RemoveEverything);
            Assert.Equal(_baseline, await _host.SnapshotAsync());
            string log = await ReadLogAsync();
            Assert.False(LogsTrouble(log), $"the daemon logged an error:\n{log}");
        }
        finally
        {
            await _host.DisposeAsync();
        }
    }

    private Task<string> ReadLogAsync() => Host.OkAsync("cat /run/host/daemon.log");

    // As .NET's console logger writes it: the time, then the level. Priorities are what systemd's format has instead.
    private static bool LogsTrouble(string log) => log.Split('\n').Any(line =>
        line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal)
        || line.StartsWith("<3>", StringComparison.Ordinal) || line.StartsWith("<2>", StringComparison.Ordinal)
        || line.Contains("Unhandled exception", StringComparison.Ordinal));
}
