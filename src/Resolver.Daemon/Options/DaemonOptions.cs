// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control;
using Resolver.Networking.Allocation;

namespace Resolver.Daemon.Options;

/// <summary>How the daemon is set up; checked when it was read, fixed for its life.</summary>
internal sealed record DaemonOptions
{
    /// <summary>Where things live that a reboot may take away.</summary>
    public string RunDirectory { get; init; } = "/run/resolver";

    /// <summary>Where desired state lives.</summary>
    public string StateDirectory { get; init; } = "/var/lib/resolver";

    /// <summary>The Unix socket; null for resolver.sock in <see cref="RunDirectory"/>.</summary>
    public string? Socket { get; init; }

    /// <summary>Where namespaces are pinned.</summary>
    public string NetnsDirectory { get; init; } = "/run/netns";

    /// <summary>Where the sandboxes' resolv.conf and hosts lie.</summary>
    public string NetnsFilesDirectory { get; init; } = "/etc/netns";

    /// <summary>The host's resolv.conf.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Where subnets come from when the caller names none.</summary>
    public ImmutableArray<SubnetPool> Pools { get; init; } = new ControlOptions().SubnetPools;

    /// <summary>What the cache of upstreams' replies may take, in MiB; 0 turns it off.</summary>
    public int DnsCacheMebibytes { get; init; } = 32;

    /// <summary>How long after its end an answer is still given when no upstream answers, in seconds (RFC 8767 allows up to three days); 0 for never.</summary>
    public int DnsServeStaleSeconds { get; init; } = 3600;

    /// <summary>Whether the case of names asked of upstreams is mixed, and checked in their replies (draft-vixie-dnsext-dns0x20).</summary>
    public bool DnsRandomizesCase { get; init; }

    /// <summary>Whether our traffic is let through Docker's chain DOCKER-USER.</summary>
    public bool UsesDockerUser { get; init; } = true;

    /// <summary>The least severe messages that are logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The Unix socket in effect.</summary>
    public string SocketPath => Socket ?? Path.Combine(RunDirectory, "resolver.sock");

    /// <summary>What the host's settings were before they were changed.</summary>
    public string SettingsPath => Path.Combine(StateDirectory, "host-settings");

    /// <summary>The database.</summary>
    public string StorePath => Path.Combine(StateDirectory, "resolver.db");
}
