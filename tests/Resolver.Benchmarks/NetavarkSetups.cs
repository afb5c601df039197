// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;

namespace Resolver.Benchmarks;

/// <summary>
/// `netavark setup` as Podman calls it (JSON on standard input, names on, no ports), into /run/netns/theirs-0, theirs-1 and so on. The time of
/// a process is part of it, because that is how it is used.
/// </summary>
internal sealed class NetavarkSetups : INetworkAttachments, IDisposable
{
    private const string Network = "theirs";
    private const string ConfigDirectory = "/run/bench/netavark";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly string _helpers;
    private readonly CancellationTokenSource _stop = new();
    private int _next;

    public NetavarkSetups(string helpers, int count, int first = 0)
    {
        _next = first;
        _helpers = helpers;
        Count = count;
    }

    public string Name => "netavark setup";

    public int Count { get; }

    public async Task AttachNextAsync()
    {
        int number = _next++;
        ProcessStartInfo start = new($"{_helpers}/netavark")
        {
            ArgumentList =
            {
                "--config", ConfigDirectory, "--rootless=false", $"--aardvark-binary={_helpers}/aardvark-dns", "setup", $"/run/netns/theirs-{number}",
            },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("netavark did not start");
        await process.StandardInput.WriteAsync(Request(number));
        process.StandardInput.Close();

        // One line, and not up to the end of the file: the DNS server that the first call starts keeps the pipe open.
        string? line = await process.StandardOutput.ReadLineAsync(_stop.Token).AsTask().WaitAsync(Deadline);
        await process.WaitForExitAsync(_stop.Token).WaitAsync(Deadline);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"netavark setup theirs-{number} ended with {process.ExitCode}: {line}");
        }
    }

    public void Dispose() => _stop.Dispose();

    private static string Request(int number)
    {
        string id = number.ToString("x64", CultureInfo.InvariantCulture);
        int host = number + 2;
        return $$"""
            {
              "container_id": "{{id}}",
              "container_name": "theirs-{{number}}",
              "port_mappings": [],
              "networks": {
                "{{Network}}": {
                  "interface_name": "eth0",
                  "static_ips": ["10.89.{{host / 256}}.{{host % 256}}"],
                  "aliases": ["{{id[^12..]}}"]
                }
              },
              "network_info": {
                "{{Network}}": {
                  "name": "{{Network}}",
                  "id": "{{new string('7', 64)}}",
                  "driver": "bridge",
                  "network_interface": "podman1",
                  "created": "2026-01-01T00:00:00Z",
                  "subnets": [{ "subnet": "10.89.0.0/16", "gateway": "10.89.0.1" }],
                  "ipv6_enabled": false,
                  "internal": false,
                  "dns_enabled": true,
                  "ipam_options": { "driver": "host-local" }
                }
              }
            }
            """;
    }
}
