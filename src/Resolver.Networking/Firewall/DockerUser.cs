// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
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

    /// <summary>The same where iptables(8) writes tables of its own, which nft(8) does not show.</summary>
    internal static readonly (string Program, string Family)[] LegacyPrograms = [("iptables-legacy", "ip"), ("ip6tables-legacy", "ip6")];

    /// <summary>The groups of our bridges, as iptables(8) takes and prints them.</summary>
    internal static readonly string Group = string.Create(CultureInfo.InvariantCulture, $"0x{LinkGroups.Bridges:x}/0x{LinkGroups.BridgesMask:x}");

    // Docker's bridges, and whatever else is named like them: what is sent there is for Docker's own rules to judge, or each of our sandboxes would
    // reach the unpublished ports of its containers.
    private static readonly string[] DockersBridges = ["docker+", "br-+"];

    private static readonly string[] ToOurs = ["-m", "devgroup", "--dst-group", Group];
    private static readonly string[] FromOurs = ["-m", "devgroup", "--src-group", Group];

    /// <summary>The rules in their order where Docker's own judge what they are left, by the policy of FORWARD in the end.</summary>
    internal static readonly ImmutableArray<string[]> Rules =
    [
        Rule("ACCEPT", ToOurs), // Table inet resolver says what may really enter.
        .. DockersBridges.Select(bridge => Rule("RETURN", ["-o", bridge, .. FromOurs])),
        Rule("ACCEPT", FromOurs),
    ];

    /// <summary>
    /// The same where Docker found forwarding switched on, by us, and left the policy of FORWARD at accept: what its rules do not accept is dropped here.
    /// </summary>
    internal static readonly ImmutableArray<string[]> StrictRules =
    [
        Rule("ACCEPT", ToOurs),
        Rule("ACCEPT", [.. FromOurs, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]),
        .. DockersBridges.SelectMany(bridge => new[]
        {
            Rule("RETURN", ["-o", bridge, .. FromOurs, "-m", "conntrack", "--ctstate", "DNAT"]),
            Rule("DROP", ["-o", bridge, .. FromOurs]),
        }),
        Rule("ACCEPT", FromOurs),
    ];

    /// <summary>Each rule that may be ours.</summary>
    internal static IEnumerable<string[]> AllRules => Rules.Concat(StrictRules).DistinctBy(rule => string.Join(' ', rule));

    /// <summary>Waits for others that use iptables, at most five seconds.</summary>
    internal static string[] Command(string verb, string[] rule) => ["-w", "5", verb, Chain, .. rule];

    private static string[] Rule(string target, string[] match) => [.. match, "-m", "comment", "--comment", "resolver", "-j", target];
}
