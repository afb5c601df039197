// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Failures;

namespace Resolver.Core.Endpoints;

/// <summary>A port of the host that leads to a port of an endpoint, as in <c>-p 127.0.0.1:8080:80/tcp</c>. Value equality.</summary>
/// <param name="HostAddress">The host's address that is published on; <see cref="IPAddress.Any"/> for all.</param>
/// <param name="HostPort">1 to 65535.</param>
/// <param name="EndpointPort">1 to 65535.</param>
/// <param name="Protocol">The transport.</param>
public sealed record PublishedPort(IPAddress HostAddress, ushort HostPort, ushort EndpointPort, TransportProtocol Protocol)
{
    /// <summary>Reads <c>[ip:]hostport:port[/tcp|/udp]</c>.</summary>
    /// <exception cref="RefusedException">The text has another form.</exception>
    public static PublishedPort Parse(string text, string field)
    {
        (string body, TransportProtocol protocol) = SplitProtocol(text, field);
        string[] parts = body.Split(':');
        if (parts.Length is not (2 or 3) || !TryPort(parts[^1], out ushort endpointPort) || !TryPort(parts[^2], out ushort hostPort))
        {
            throw Malformed(text, field);
        }

        IPAddress? address = IPAddress.Any;
        if (parts.Length == 3 && (!IPAddress.TryParse(parts[0], out address)
            || address.AddressFamily != AddressFamily.InterNetwork || address.ToString() != parts[0]))
        {
            throw Malformed(text, field);
        }

        return new PublishedPort(address, hostPort, endpointPort, protocol);
    }

    /// <summary>True if the two can't be published at once: same protocol and port, and an address in common.</summary>
    public bool Conflicts(PublishedPort other) =>
        Protocol == other.Protocol && HostPort == other.HostPort
        && (HostAddress.Equals(other.HostAddress) || HostAddress.Equals(IPAddress.Any) || other.HostAddress.Equals(IPAddress.Any));

    /// <summary><c>0.0.0.0:8080->80/tcp</c>, as Docker prints it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{HostAddress}:{HostPort}->{EndpointPort}/{(Protocol == TransportProtocol.Tcp ? "tcp" : "udp")}");

    private static (string Body, TransportProtocol Protocol) SplitProtocol(string text, string field)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return (text, TransportProtocol.Tcp);
        }

        TransportProtocol protocol = text[(slash + 1)..] switch
        {
            "tcp" => TransportProtocol.Tcp,
            "udp" => TransportProtocol.Udp,
            _ => throw Malformed(text, field),
        };
        return (text[..slash], protocol);
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;

    private static RefusedException Malformed(string text, string field) => RefusedException.Invalid(
        field, $"{field} '{Names.Printable.Quote(text)}' is no published port: write [ip:]hostport:port[/tcp|/udp], for example 8080:80 or 127.0.0.1:5353:53/udp");
}
