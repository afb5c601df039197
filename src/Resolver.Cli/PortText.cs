// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Contract.V1;

namespace Resolver.Cli;

/// <summary>Reads -p.</summary>
internal static class PortText
{
    /// <summary>Reads <c>[IP:]HOST:PORT[/tcp|/udp]</c>. The daemon judges the address.</summary>
    /// <exception cref="UsageException">The text has another form.</exception>
    public static PublishedPort Parse(string text)
    {
        string[] halves = text.Split('/', 2);
        string[] parts = halves[0].Split(':');
        TransportProtocol protocol = halves.Length == 1 ? TransportProtocol.Tcp : halves[1] switch
        {
            "tcp" => TransportProtocol.Tcp,
            "udp" => TransportProtocol.Udp,
            _ => throw Malformed(text),
        };
        return parts.Length is 2 or 3
            ? new PublishedPort
            {
                HostAddress = parts.Length == 3 && parts[0].Length > 0 ? parts[0] : "0.0.0.0",
                HostPort = Port(parts[^2], text),
                EndpointPort = Port(parts[^1], text),
                Protocol = protocol,
            }
            : throw Malformed(text);
    }

    private static ushort Port(string part, string text) =>
        ushort.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0 ? port : throw Malformed(text);

    private static UsageException Malformed(string text) =>
        new($"'{text}' is no published port: write [IP:]HOST:PORT[/tcp|/udp], for example 8080:80 or 127.0.0.1:5353:53/udp");
}
