// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Failures;

namespace Resolver.Core.Endpoints;

/// <summary>What somebody wants published, as in <c>-p 127.0.0.1:8000-8010:80/tcp</c>. Value equality.</summary>
/// <param name="HostAddress">The host's address; null for the network's default, which is all addresses of both families unless it says otherwise.</param>
/// <param name="HostPorts">
/// The host's ports: as many as <paramref name="EndpointPorts"/>, or several for one port, of which the first free one is taken; null to let the
/// kernel choose.
/// </param>
/// <param name="EndpointPorts">The endpoint's ports.</param>
/// <param name="Protocol">The transport.</param>
public sealed record PublishRequest(IPAddress? HostAddress, PortRange? HostPorts, PortRange EndpointPorts, TransportProtocol Protocol)
{
    /// <summary>Reads <c>[ip:][hostport[-end]]:port[-end][/tcp|/udp|/sctp]</c>, or <c>port</c> alone; an IPv6 address stands in brackets.</summary>
    /// <exception cref="RefusedException">The text has another form, or ranges of different lengths.</exception>
    public static PublishRequest Parse(string text, string field)
    {
        int slash = text.LastIndexOf('/');
        TransportProtocol protocol = TransportProtocol.Tcp;
        if (slash >= 0 && !TransportProtocols.TryParse(text[(slash + 1)..], out protocol))
        {
            throw Malformed(text, field);
        }

        string rest = slash < 0 ? text : text[..slash];
        int colon = rest.LastIndexOf(':');
        if (!PortRange.TryParse(rest[(colon + 1)..], out PortRange endpointPorts))
        {
            throw Malformed(text, field);
        }

        return colon < 0
            ? new PublishRequest(null, null, endpointPorts, protocol)
            : TryParseHost(rest[..colon], out IPAddress? address, out PortRange? hostPorts)
                ? new PublishRequest(address, hostPorts, endpointPorts, protocol).Checked(text, field)
                : throw Malformed(text, field);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string address = HostAddress is null ? "" : HostAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{HostAddress}]:" : $"{HostAddress}:";
        return $"{address}{HostPorts}{(HostAddress is null && HostPorts is null ? "" : ":")}{EndpointPorts}/{TransportProtocols.NameOf(Protocol)}";
    }

    /// <summary>Itself, if its ranges fit each other.</summary>
    /// <exception cref="RefusedException">They do not.</exception>
    public PublishRequest Checked(string text, string field) =>
        HostPorts is null || HostPorts.Value.Count == EndpointPorts.Count || EndpointPorts.Count == 1
            ? this
            : throw RefusedException.Invalid(
                field, $"{field} '{Names.Printable.Quote(text)}': {HostPorts.Value.Count} ports of the host for {EndpointPorts.Count} of the endpoint; give as many, or one of the endpoint");

    private static bool TryParseHost(string text, out IPAddress? address, out PortRange? ports)
    {
        address = null;
        ports = null;
        int colon = text.LastIndexOf(':');
        int bracket = text.LastIndexOf(']');
        if (bracket > colon)
        {
            return false;
        }

        string portText = text[(colon + 1)..];
        string addressText = colon < 0 ? "" : text[..colon];
        if (portText.Length > 0)
        {
            if (!PortRange.TryParse(portText, out PortRange range))
            {
                return false;
            }

            ports = range;
        }

        return colon < 0 || TryParseAddress(addressText, out address);
    }

    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        bool isBracketed = text.StartsWith('[') && text.EndsWith(']');
        string plain = isBracketed ? text[1..^1] : text;
        return IPAddress.TryParse(plain, out address) && !plain.AsSpan().ContainsAny('%', '[', ']')
            && (address.AddressFamily == AddressFamily.InterNetworkV6 ? isBracketed : !isBracketed && address.ToString() == plain);
    }

    private static RefusedException Malformed(string text, string field) => RefusedException.Invalid(
        field,
        $"{field} '{Names.Printable.Quote(text)}' is no published port: write [ip:][hostport[-end]]:port[-end][/tcp|/udp|/sctp], "
        + "for example 8080:80, 127.0.0.1:5353:53/udp, [::1]:8080:80, 8000-8010:8000-8010 or :80");
}
