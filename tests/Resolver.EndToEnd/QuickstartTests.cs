// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Resolver.EndToEnd.Hosts;

namespace Resolver.EndToEnd;

/// <summary>What a newcomer runs first, from the outside: with the machine's own namespace as it was afterwards.</summary>
public sealed class QuickstartTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_quickstart_shows_the_main_job_and_leaves_nothing_behind()
    {
        string before = await MachineAsync();
        (int exitCode, string output) = await RunAsync(Path.Combine(Artifacts.RepositoryRoot, "deploy", "quickstart.sh"));
        Assert.True(exitCode == 0, output);
        foreach (string part in (string[])
        [
            "$ resolver exec web -- dig +short db\n172.30.0.", " db\n", "172.30.0.", "Hello from nginx", Upstream.OutsideAddress,
            "$ resolver tree\n", "8080",
        ])
        {
            Assert.Contains(part, output, StringComparison.Ordinal);
        }

        Assert.Equal(before, await MachineAsync());
    }

    private static async Task<string> MachineAsync() =>
        (await RunAsync("bash", "-c", "ip -o link | sed 's/ mtu.*//'; ip -4 -o address; nft list tables 2>/dev/null; ls /run/netns /etc/netns 2>/dev/null || true")).Output;

    private static async Task<(int ExitCode, string Output)> RunAsync(string file, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["RESOLVER_BIN"] = Artifacts.Directory },
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await Task.WhenAll(output, error, process.WaitForExitAsync()).WaitAsync(Deadline);
        return (process.ExitCode, await output + await error);
    }
}
