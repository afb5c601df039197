// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;

namespace Resolver.Daemon.Mapping;

/// <summary>Reads the fields of requests. Every method refuses with InvalidArgument and the field's name.</summary>
internal static class Fields
{
    /// <summary>The most upstreams and search domains of one object.</summary>
    public const int MaxServers = 16;

    /// <summary>The most aliases of one endpoint.</summary>
    public const int MaxAliases = 64;

    /// <summary>The most ports that one endpoint publishes.</summary>
    public const int MaxPorts = 1024;

    // IPv4's smallest MTU (RFC 791) and the largest that rtnetlink takes for a veth.
    private const uint MinMtu = 68;
    private const uint MaxMtu = 65535;
    private const int MaxLabels = 64;
    private const int MaxLabelLength = 1024;

    /// <summary>A name or id that must be there.</summary>
    public static string Required(string text, string field) =>
        text.Length > 0 ? text : throw RefusedException.Invalid(field, $"{field} is missing");

    /// <summary>The value of a field whose emptiness means "not given".</summary>
    public static T? Optional<T>(string text, string field, Func<string, string, T> parse) where T : class =>
        text.Length == 0 ? null : parse(text, field);

    /// <summary>Every value of a repeated field.</summary>
    public static ImmutableArray<T> Each<TIn, T>(IReadOnlyCollection<TIn> values, string field, int most, Func<TIn, string, T> parse) =>
        values.Count <= most
            ? [.. values.Select(value => parse(value, field))]
            : throw RefusedException.Invalid(field, $"{field} has {values.Count} entries: at most {most} are allowed");

    /// <summary>An address in the usual form: four decimals, or IPv6 without a zone.</summary>
    public static IPAddress Address(string text, string field) =>
        TryAddress(text, out IPAddress? address)
            ? address!
            : throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}' is no IP address such as 172.30.0.2");

    /// <summary>One port, or those from one to another.</summary>
    public static PortRange Ports(uint first, uint last, string field)
    {
        ushort end = last == 0 ? Port(first, field) : Port(last, field);
        return Port(first, field) <= end
            ? new PortRange((ushort)first, end)
            : throw RefusedException.Invalid(field, $"{field} {first}-{last} ends before it begins: give the lower port first");
    }

    /// <summary>A port number.</summary>
    public static ushort Port(uint value, string field) =>
        value is > 0 and <= ushort.MaxValue ? (ushort)value : throw RefusedException.Invalid(field, $"{field} {value} is no port: use 1 to 65535");

    /// <summary>An MTU in octets.</summary>
    public static int Mtu(uint mtu, string field) => mtu is >= MinMtu and <= MaxMtu
        ? (int)mtu
        : throw RefusedException.Invalid(field, string.Create(CultureInfo.InvariantCulture, $"{field} {mtu} is out of range: use {MinMtu} to {MaxMtu}"));

    /// <summary>A process id.</summary>
    public static int Pid(int value, string field) =>
        value > 0 ? value : throw RefusedException.Invalid(field, $"{field} {value} is no process id: use 1 and up");

    /// <summary>Labels within their limits.</summary>
    public static ImmutableSortedDictionary<string, string> Labels(IReadOnlyCollection<KeyValuePair<string, string>> labels, string field)
    {
        if (labels.Count > MaxLabels)
        {
            throw RefusedException.Invalid(field, $"{field} has {labels.Count} entries: at most {MaxLabels} are allowed");
        }

        return labels.FirstOrDefault(label => label.Key.Length is 0 or > MaxLabelLength || label.Value.Length > MaxLabelLength) is { Key: not null } wrong
            ? throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(wrong.Key)}': keys have 1 to {MaxLabelLength} characters, values at most {MaxLabelLength}")
            : labels.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    // IPAddress also reads "10.1", "0x0a000001" and zones, which nobody means here.
    private static bool TryAddress(string text, out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && !text.AsSpan().ContainsAny('%', '[', ']')
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
}
