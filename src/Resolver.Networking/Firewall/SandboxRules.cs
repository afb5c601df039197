// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Resolver.Networking.Firewall;

/// <summary>
/// The sandbox's table <c>ip resolver_dns</c>: port 53 of 127.0.0.11 is the responder's port, rewritten without state, so that the sandbox's
/// own port 53 stays free and no question costs a conntrack entry. What was rewritten passes the other rules by (this hook only). Pure.
/// </summary>
internal static class SandboxRules
{
    /// <summary>Makes or replaces the rules in one transaction.</summary>
    internal static string Install(ushort port) => string.Create(CultureInfo.InvariantCulture, $$"""
        add table ip resolver_dns
        add chain ip resolver_dns output { type filter hook output priority -300; }
        flush chain ip resolver_dns output
        add rule ip resolver_dns output ip daddr 127.0.0.11 udp dport 53 udp dport set {{port}} notrack accept
        add rule ip resolver_dns output ip saddr 127.0.0.11 udp sport {{port}} udp sport set 53 notrack accept
        add rule ip resolver_dns output ip daddr 127.0.0.11 tcp dport 53 tcp dport set {{port}} notrack accept
        add rule ip resolver_dns output ip saddr 127.0.0.11 tcp sport {{port}} tcp sport set 53 notrack accept
        """);

    /// <summary>Removes the table; one that is gone is no error.</summary>
    internal const string Remove = "add table ip resolver_dns\ndelete table ip resolver_dns";

    /// <summary>Prints what is there.</summary>
    internal const string List = "list table ip resolver_dns";

    /// <summary>The port in a printed table; null if it has no rule of ours.</summary>
    internal static ushort? PortOf(string listed)
    {
        const string Marker = "udp dport 53 udp dport set ";
        int start = listed.IndexOf(Marker, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        string digits = new([.. listed[(start + Marker.Length)..].TakeWhile(char.IsAsciiDigit)]);
        return ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;
    }
}
