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

    /// <summary>A published port as Docker prints it.</summary>
    public static string Port(PublishedPort port, string arrow = "->") => string.Create(
        CultureInfo.InvariantCulture,
        $"{port.HostAddress}:{port.HostPort}{arrow}{port.EndpointPort}/{(port.Protocol == TransportProtocol.Udp ? "udp" : "tcp")}");

    /// <summary>Values with commas between them.</summary>
    public static string List(IEnumerable<string> values) => string.Join(", ", values);
}
