// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Coexistence;

/// <summary>Reads what nft(8) prints of chains that see forwarded packets. Pure.</summary>
internal static class ForwardChains
{
    private static readonly string[] Ours = ["inet resolver", "bridge resolver"];

    /// <summary>The base chains of others at the hook of forwarded packets, from <c>list chains</c>.</summary>
    internal static ImmutableArray<(string Table, string Chain, bool HasDropPolicy)> In(string listed)
    {
        ImmutableArray<(string, string, bool)>.Builder found = ImmutableArray.CreateBuilder<(string, string, bool)>();
        string table = "";
        string chain = "";
        foreach (string line in Lines(listed))
        {
            if (line.StartsWith("table ", StringComparison.Ordinal))
            {
                table = line["table ".Length..].TrimEnd(' ', '{');
            }
            else if (line.StartsWith("chain ", StringComparison.Ordinal))
            {
                chain = line["chain ".Length..].TrimEnd(' ', '{');
            }
            else if (line.Contains(" hook forward ", StringComparison.Ordinal) && !Ours.Contains(table) && table.Split(' ')[0] is "ip" or "ip6" or "inet")
            {
                found.Add((table, chain, line.Contains("policy drop;", StringComparison.Ordinal)));
            }
        }

        return found.ToImmutable();
    }

    /// <summary>The last rule of a chain if it drops or rejects whatever comes, from <c>list chain</c>; null if it does not.</summary>
    internal static string? FinalDrop(string listed)
    {
        string[] rules = [.. Lines(listed).Where(line => line is not ("}" or "{") && !IsFrame(line))];
        string last = rules.Length == 0 ? "" : rules[^1];
        string[] words = last.Split(' ');
        int verdict = words is ["counter", "packets", _, "bytes", _, ..] ? 5 : 0;
        return verdict < words.Length && words[verdict] is "drop" or "reject" ? string.Join(' ', words[verdict..]) : null;
    }

    /// <summary>True if some rule of a table, from <c>list table</c>, accepts what comes from our bridges, and some what goes to them.</summary>
    internal static bool LetsOursPass(string listed) => Accepts(listed, "iifgroup") && Accepts(listed, "oifgroup");

    private static bool Accepts(string listed, string direction) => Lines(listed).Any(line =>
        line.Contains($"{direction} and 0x{LinkGroups.BridgesMask:x} == 0x{LinkGroups.Bridges:x} ", StringComparison.Ordinal)
        && line.Split(' ').Contains("accept"));

    private static bool IsFrame(string line) =>
        line.StartsWith("table ", StringComparison.Ordinal) || line.StartsWith("chain ", StringComparison.Ordinal)
        || line.StartsWith("type ", StringComparison.Ordinal) || line.StartsWith("comment ", StringComparison.Ordinal);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
