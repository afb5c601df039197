// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;

namespace Resolver.EndToEnd.Hosts;

/// <summary>
/// A set of namespaces that plays a host: network, mounts and processes of its own, a client machine and an upstream (host.sh draws it).
/// Its first process lives until its standard input ends, so the kernel takes everything down with this process, however that ends.
/// </summary>
public sealed class HostNamespace : IAsyncDisposable
{
    private static readonly TimeSpan CommandDeadline = TimeSpan.FromSeconds(60);
    private static readonly string Functions = Path.Combine(AppContext.BaseDirectory, "functions.sh");

    private readonly Process _unshare;
    private readonly string _firstProcess;

    private HostNamespace(Process unshare, string firstProcess)
    {
        _unshare = unshare;
        _firstProcess = firstProcess;
    }

    public static async Task<HostNamespace> StartAsync()
    {
        ProcessStartInfo start = new("unshare")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--propagation", "private",
                "bash", Path.Combine(AppContext.BaseDirectory, "host.sh"),
            },
        };
        Process unshare = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
        if (await unshare.StandardOutput.ReadLineAsync().WaitAsync(CommandDeadline) != "ready")
        {
            string error = await unshare.StandardError.ReadToEndAsync().WaitAsync(CommandDeadline);
            throw new InvalidOperationException($"no host namespace (end-to-end tests need root: sudo tests/run.sh): {error}");
        }

        string id = unshare.Id.ToString(CultureInfo.InvariantCulture);
        string children = await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children");
        return new HostNamespace(unshare, children.Trim());
    }

    /// <summary>Runs a bash script in the host; functions.sh says what it may use besides the machine's programs.</summary>
    public async Task<CommandResult> RunAsync(string script)
    {
        ProcessStartInfo start = new("nsenter")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
            ArgumentList = { "-t", _firstProcess, "-n", "-m", "-p", "bash", "-c", $"source '{Functions}'\n{script}" },
            Environment = { ["PATH"] = $"{Artifacts.Directory}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("nsenter did not start");
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await Task.WhenAll(output, error, process.WaitForExitAsync()).WaitAsync(CommandDeadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not done within {CommandDeadline}:\n{script}");
        }

        return new CommandResult(script, process.ExitCode, await output, await error);
    }

    /// <summary>Runs a script that must succeed and returns what it wrote.</summary>
    public async Task<string> OkAsync(string script) => (await RunAsync(script)).Succeeded();

    /// <summary>Where a path of this host is found from outside: through the root directory of its first process.</summary>
    public string PathOutside(string path) => $"/proc/{_firstProcess}/root{path}";

    /// <summary>Links, addresses, routes, rules and namespaces, to compare two moments by.</summary>
    public Task<string> SnapshotAsync() => OkAsync("settled_snapshot");

    /// <summary>Runs a command that must be refused, checks that it changed nothing, and returns its one line of explanation.</summary>
    public async Task<string> RefusedAsync(string command)
    {
        string before = await SnapshotAsync();
        string line = (await RunAsync(command)).Refused();
        Assert.Equal(before, await SnapshotAsync());
        return line;
    }

    public async ValueTask DisposeAsync()
    {
        _unshare.StandardInput.Close();
        await _unshare.WaitForExitAsync().WaitAsync(CommandDeadline);
        _unshare.Dispose();
    }
}
