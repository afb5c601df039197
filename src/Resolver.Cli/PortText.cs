// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Contract.V1;

namespace Resolver.Cli;

/// <summary>Reads -p.</summary>
internal static class PortText
{
    /// <summary>Reads <c>[IP:][HOST[-END]]:PORT[-END][/tcp|/udp|/sctp]</c>, or <c>PORT</c> alone. The daemon judges the address.</summary>
    /// <exception cref="UsageException">The text has another form.</exception>
    public static PublishedPort Parse(string text)
    {
        int slash = text.LastIndexOf('/');
        string rest = slash < 0 ? text : text[..slash];
        PublishedPort port = new()
        {
            Protocol = slash < 0 ? TransportProtocol.Tcp : text[(slash + 1)..] switch
            {
                "tcp" => TransportProtocol.Tcp,
                "udp" => TransportProtocol.Udp,
                "sctp" => TransportProtocol.Sctp,
                _ => throw Malformed(text),
            },
        };
        int colon = rest.LastIndexOf(':');
        (port.EndpointPort, port.EndpointPortEnd) = Range(rest[(colon + 1)..], text);
        if (colon < 0)
        {
            return port;
        }

        // What is left: [IP:][HOST]. An IPv6 address stands in brackets.
        string host = rest[..colon];
        int split = host.LastIndexOf(':');
        if (host.LastIndexOf(']') > split)
        {
            throw Malformed(text);
        }

        string ports = host[(split + 1)..];
        if (ports.Length > 0)
        {
            (port.HostPort, port.HostPortEnd) = Range(ports, text);
        }

        string address = split < 0 ? "" : host[..split];
        port.HostAddress = address.StartsWith('[') && address.EndsWith(']') ? address[1..^1]
            : address.Contains(':', StringComparison.Ordinal) ? throw Malformed(text)
            : address;
        return split >= 0 && address.Length == 0 ? throw Malformed(text) : port;
    }

    private static (uint First, uint Last) Range(string range, string text)
    {
        string[] parts = range.Split('-');
        return parts.Length switch
        {
            1 => (Port(parts[0], text), 0),
            2 => (Port(parts[0], text), Port(parts[1], text)),
            _ => throw Malformed(text),
        };
    }

    private static ushort Port(string part, string text) =>
        ushort.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0 ? port : throw Malformed(text);

    private static UsageException Malformed(string text) => new(
        $"'{text}' is no published port: write [IP:][HOST[-END]]:PORT[-END][/tcp|/udp|/sctp], for example 8080:80, 127.0.0.1:5353:53/udp, [::1]:8080:80 or :80");
}
