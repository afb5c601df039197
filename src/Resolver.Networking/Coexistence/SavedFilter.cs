// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>What iptables-save(8) prints of a table <c>filter</c>. Pure.</summary>
internal sealed partial class SavedFilter(string saved)
{
    private readonly string[] _lines = saved.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>True if Docker has made its chain.</summary>
    internal bool HasDockerUser => _lines.Any(line => line.StartsWith($":{DockerUser.Chain} ", StringComparison.Ordinal));

    /// <summary>True if the policy of FORWARD is to accept.</summary>
    internal bool AcceptsByPolicy => _lines.Any(line => line.StartsWith(":FORWARD ACCEPT", StringComparison.Ordinal));

    /// <summary>True if some rule accepts what comes from our bridges, and some what goes to them.</summary>
    internal bool LetsOursPass => Accepts("--src-group") && Accepts("--dst-group");

    /// <summary>How FORWARD drops whatever comes to its end: by policy, or by its last rule; null if it does not.</summary>
    internal string? Drop
    {
        get
        {
            if (_lines.Any(line => line.StartsWith(":FORWARD DROP", StringComparison.Ordinal)))
            {
                return "policy drop";
            }

            Match last = Unconditional().Match(_lines.LastOrDefault(line => line.StartsWith("-A FORWARD ", StringComparison.Ordinal)) ?? "");
            return last.Success ? last.Groups["target"].Value : null;
        }
    }

    /// <summary>True if these are our rules in DOCKER-USER, all of them in their order and no others.</summary>
    internal bool Has(ImmutableArray<string[]> rules) => _lines
        .Where(line => line.StartsWith($"-A {DockerUser.Chain} ", StringComparison.Ordinal) && line.Contains("--comment resolver ", StringComparison.Ordinal))
        .SequenceEqual(rules.Select(rule => $"-A {DockerUser.Chain} {string.Join(' ', rule)}"));

    private bool Accepts(string direction) => _lines.Any(line =>
        line.StartsWith("-A ", StringComparison.Ordinal) && line.EndsWith(" -j ACCEPT", StringComparison.Ordinal)
        && line.Contains($"{direction} {DockerUser.Group} ", StringComparison.Ordinal));

    [GeneratedRegex("""^-A FORWARD (?:-m comment --comment (?:"[^"]*"|[^ "]+) )?-j (?<target>DROP|REJECT.*)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unconditional();
}
