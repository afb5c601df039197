// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Networking.Coexistence;

/// <summary>A parameter of the host that we changed.</summary>
/// <param name="Key">Such as <c>net/ipv4/ip_forward</c>.</param>
/// <param name="Before">Its value before.</param>
/// <param name="Ours">The value that we gave it.</param>
internal sealed record HostSetting(string Key, string Before, string Ours);
