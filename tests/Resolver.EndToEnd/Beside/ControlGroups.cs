// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;

namespace Resolver.EndToEnd.Beside;

/// <summary>Control groups that containers of a test are put below. A process of its own takes them away, also when this one is killed.</summary>
public sealed class ControlGroups : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static int _last;

    private readonly Process _remover;

    private ControlGroups(string name, Process remover)
    {
        Name = name;
        _remover = remover;
    }

    /// <summary>The name of the one above all others.</summary>
    public string Name { get; }

    public static ControlGroups Start()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"resolver-end-to-end-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}");
        ProcessStartInfo start = new("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            ArgumentList = { "--wait", "bash", Path.Combine(AppContext.BaseDirectory, "Beside", "end-of-test.sh"), name },
        };
        return new ControlGroups(name, Process.Start(start) ?? throw new InvalidOperationException("setsid did not start"));
    }

    /// <summary>When the host is gone that had processes in them.</summary>
    public async ValueTask DisposeAsync()
    {
        _remover.StandardInput.Close();
        string error = await _remover.StandardError.ReadToEndAsync();
        await _remover.WaitForExitAsync().WaitAsync(Deadline);
        int status = _remover.ExitCode;
        _remover.Dispose();
        Assert.True(status == 0, error);
    }
}
