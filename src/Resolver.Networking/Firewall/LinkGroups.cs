// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Networks;

namespace Resolver.Networking.Firewall;

/// <summary>
/// Link groups (IFLA_GROUP) that tell rules what a link is: given with the link, so that neither packets nor changes need an element for it, and
/// other programs' tables can name all our bridges by one number.
/// </summary>
internal static class LinkGroups
{
    /// <summary>Our bridges, in the bits of <see cref="BridgesMask"/>. "RS" in ASCII, then a number.</summary>
    internal const uint Bridges = 0x5253_0010;

    /// <summary>What the groups of all our bridges have in common.</summary>
    internal const uint BridgesMask = 0xffff_fff0;

    private const uint Ports = 0x5253_0000;
    private const uint PortsMask = 0xffff_fffc;
    private const uint Guarded = 1; // It may send with its own addresses only.
    private const uint Apart = 2;   // It reaches no other port of its bridge.

    /// <summary>The group of a network's bridge.</summary>
    internal static uint OfBridge(Network network) => Bridges + (network.Policy.AllowsPeers ? 0 : Apart);

    /// <summary>Whether a group is that of one of our bridges.</summary>
    internal static bool IsBridge(uint group) => (group & BridgesMask) == Bridges;

    /// <summary>Whether a group is that of a port of one of our bridges.</summary>
    internal static bool IsPort(uint group) => (group & PortsMask) == Ports;

    /// <summary>The group of the host's end of a network's endpoints; <see cref="HostTables"/> knows the four.</summary>
    internal static uint OfPorts(Network network) =>
        Ports + (network.Policy.AllowsSpoofing ? 0 : Guarded) + (network.Policy.AllowsPeers ? 0 : Apart);
}
