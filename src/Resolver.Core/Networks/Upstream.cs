// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Resolver.Core.Failures;
using Resolver.Core.Names;

namespace Resolver.Core.Networks;

/// <summary>
/// A DNS server that names of outside are asked from: where it is, how it is spoken to, from where it is dialled and which names it is for.
/// <code>[DOMAIN=][tls://|https://]IP[:PORT][#SERVERNAME][@host]</code>
/// Immutable; equal when all of that is equal.
/// </summary>
public sealed record Upstream(IPEndPoint EndPoint)
{
    private const string HostSuffix = "@host";

    private static readonly (string Prefix, UpstreamProtocol Protocol, ushort Port)[] Schemes =
    [
        ("tls://", UpstreamProtocol.Tls, 853),
        ("https://", UpstreamProtocol.Https, 443),
        ("", UpstreamProtocol.Plain, 53),
    ];

    // The responder's own address inside a sandbox.
    private static readonly IPAddress Responder = new([127, 0, 0, 11]);

    /// <summary>The domain whose names, and no others, are asked from it (split DNS); null for all that no other upstream's domain covers.</summary>
    public DnsName? Domain { get; init; }

    /// <summary>How it is spoken to.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>The name that its certificate must have; null for its address. Only with TLS and HTTPS.</summary>
    public DnsName? ServerName { get; init; }

    /// <summary>True to dial it from the host's namespace, false from the sandbox's, as Docker does with <c>--dns</c>.</summary>
    public bool IsFromHost { get; init; }

    /// <summary>Reads an upstream.</summary>
    /// <param name="text">What the caller gave.</param>
    /// <param name="field">The field that the error names.</param>
    /// <exception cref="RefusedException">The text is no upstream, or one that would ask the sandbox itself.</exception>
    public static Upstream Parse(string text, string field)
    {
        if (!TryParse(text, out Upstream? upstream))
        {
            throw RefusedException.Invalid(
                field,
                $"{field} '{Printable.Quote(text)}' is no upstream: write [DOMAIN=][tls://|https://]IP[:PORT][#SERVERNAME][@host], "
                + "for example 9.9.9.9, [2001:db8::1]:5353, corp.example=10.0.0.53 or tls://9.9.9.9#dns.quad9.net");
        }

        return upstream.EndPoint.Address.Equals(Responder) && !upstream.IsFromHost
            ? throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}' is the sandbox's own responder: it would ask itself")
            : upstream;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        (string prefix, _, _) = Schemes.First(scheme => scheme.Protocol == Protocol);
        StringBuilder text = new();
        text.Append(Domain is null ? "" : $"{Domain}=").Append(prefix).Append(EndPoint);
        return text.Append(ServerName is null ? "" : $"#{ServerName}").Append(IsFromHost ? HostSuffix : "").ToString();
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out Upstream? upstream)
    {
        upstream = null;
        DnsName? domain = null;
        DnsName? serverName = null;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals >= 0 && !DnsName.TryParse(text[..equals], out domain))
        {
            return false;
        }

        string rest = text[(equals + 1)..];
        bool isFromHost = rest.EndsWith(HostSuffix, StringComparison.Ordinal);
        rest = isFromHost ? rest[..^HostSuffix.Length] : rest;
        (string prefix, UpstreamProtocol protocol, ushort defaultPort) = Schemes.First(scheme => rest.StartsWith(scheme.Prefix, StringComparison.Ordinal));
        rest = rest[prefix.Length..];
        int hash = rest.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0 && (protocol == UpstreamProtocol.Plain || !DnsName.TryParse(rest[(hash + 1)..], out serverName)))
        {
            return false;
        }

        if (!TryParseEndPoint(hash < 0 ? rest : rest[..hash], defaultPort, out IPEndPoint? endPoint))
        {
            return false;
        }

        upstream = new Upstream(endPoint) { Domain = domain, Protocol = protocol, ServerName = serverName, IsFromHost = isFromHost };
        return true;
    }

    private static bool TryParseEndPoint(string text, ushort defaultPort, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        int port = defaultPort;
        int bracket = text.LastIndexOf(']');
        int colon = text.LastIndexOf(':');
        bool isBracketed = text.StartsWith('[') && bracket > 0;
        bool isPlainIPv6 = !isBracketed && colon != text.IndexOf(':', StringComparison.Ordinal);
        if (colon > bracket && !isPlainIPv6)
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort given) || given == 0)
            {
                return false;
            }

            port = given;
            text = text[..colon];
        }

        string host = isBracketed && text.EndsWith(']') ? text[1..^1] : text;
        if (TryParseAddress(host, out IPAddress? address) && isBracketed == (address.AddressFamily == AddressFamily.InterNetworkV6 && !isPlainIPv6))
        {
            endPoint = new IPEndPoint(address, port);
        }

        return endPoint is not null;
    }

    // IPAddress also reads "10.1", "0x0a000001", brackets and zones, which nobody means here.
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && !text.AsSpan().ContainsAny('%', '[', ']')
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
}
