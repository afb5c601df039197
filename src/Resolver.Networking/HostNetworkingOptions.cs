// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking;

/// <summary>How the room treats the host that it shares with others.</summary>
public sealed record HostNetworkingOptions
{
    /// <summary>False to leave Docker's chain DOCKER-USER alone.</summary>
    public bool UsesDockerUser { get; init; } = true;

    /// <summary>The file that keeps settings of the host as they were before we changed them; null to remember them no longer than this object lives.</summary>
    public string? SettingsPath { get; init; }
}
