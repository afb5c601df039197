// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Netlink.Route;

/// <summary>A bridge to create.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Alias">IFLA_IFALIAS, at most 255 octets; null for none.</param>
/// <param name="HardwareAddress">Its six octets; null lets the kernel choose (and then change it with its ports).</param>
/// <param name="Mtu">In octets; null for the kernel's default.</param>
/// <param name="Group">IFLA_GROUP, by which rules may name it; null for the kernel's 0.</param>
public sealed record BridgeSpec(string Name, string? Alias = null, byte[]? HardwareAddress = null, int? Mtu = null, uint? Group = null);
