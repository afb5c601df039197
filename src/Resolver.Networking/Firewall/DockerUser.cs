// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Resolver.Networking.Firewall;

/// <summary>
/// What lets our traffic through where Docker sets the policy of FORWARD to drop: rules in DOCKER-USER, the chain that Docker keeps for others. As
/// arguments of iptables(8), which that chain belongs to: what nft writes there by link group, iptables can't read, and refuses the whole table. Pure.
/// </summary>
internal static class DockerUser
{
    /// <summary>The chain.</summary>
    internal const string Chain = "DOCKER-USER";

    /// <summary>iptables(8) of each family, with the family's name in nft(8).</summary>
    internal static readonly (string Program, string Family)[] Programs = [("iptables", "ip"), ("ip6tables", "ip6")];

    // Docker's bridges, and whatever else is named like them: what is sent there is for Docker's own rules to judge, or each of our sandboxes would
    // reach the unpublished ports of its containers.
    private static readonly string[] DockersBridges = ["docker+", "br-+"];

    private static readonly string Group = string.Create(CultureInfo.InvariantCulture, $"0x{LinkGroups.Bridges:x}/0x{LinkGroups.BridgesMask:x}");

    /// <summary>The rules in their order, each as arguments behind the chain's name.</summary>
    internal static readonly string[][] Rules =
    [
        Rule("ACCEPT", "-m", "devgroup", "--dst-group", Group), // Table inet resolver says what may really enter.
        .. DockersBridges.Select(bridge => Rule("RETURN", "-o", bridge, "-m", "devgroup", "--src-group", Group)),
        Rule("ACCEPT", "-m", "devgroup", "--src-group", Group),
    ];

    /// <summary>Waits for others that use iptables, at most five seconds.</summary>
    internal static string[] Command(string verb, string[] rule) => ["-w", "5", verb, Chain, .. rule];

    private static string[] Rule(string target, params string[] match) => [.. match, "-m", "comment", "--comment", "resolver", "-j", target];
}
