// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Resolver.Contract.V1;

namespace Resolver.Cli.Output;

/// <summary>Values as people read them.</summary>
internal static class Text
{
    private const int ShortIdLength = 12;

    /// <summary>The first 12 digits.</summary>
    public static string ShortId(string id) => id.Length > ShortIdLength ? id[..ShortIdLength] : id;

    /// <summary>A published port as Docker prints it: <c>0.0.0.0:8080->80/tcp</c>.</summary>
    public static string Port(PublishedPort port, string arrow = "->") => $"{HostPort(port)}{arrow}{EndpointPort(port)}";

    /// <summary>The host's side of a published port: <c>0.0.0.0:8080</c>.</summary>
    public static string HostPort(PublishedPort port)
    {
        string address = port.HostAddress.Contains(':', StringComparison.Ordinal) ? $"[{port.HostAddress}]" : port.HostAddress;
        return $"{address}:{Ports(port.HostPort, port.HostPortEnd)}";
    }

    /// <summary>The endpoint's side of a published port: <c>80/tcp</c>.</summary>
    public static string EndpointPort(PublishedPort port)
    {
        string protocol = port.Protocol switch
        {
            TransportProtocol.Udp => "udp",
            TransportProtocol.Sctp => "sctp",
            _ => "tcp",
        };
        return $"{Ports(port.EndpointPort, port.EndpointPortEnd)}/{protocol}";
    }

    /// <summary>Values with commas between them.</summary>
    public static string List(IEnumerable<string> values) => string.Join(", ", values);

    private static string Ports(uint first, uint last) =>
        first.ToString(CultureInfo.InvariantCulture) + (last == 0 ? "" : $"-{last.ToString(CultureInfo.InvariantCulture)}");
}
