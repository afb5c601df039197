// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>The transports by the names that Docker, nftables and /etc/protocols give them.</summary>
public static class TransportProtocols
{
    /// <summary><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public static string NameOf(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        TransportProtocol.Sctp => "sctp",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "no transport"),
    };

    /// <summary>Reads a name in lower case.</summary>
    public static bool TryParse(string text, out TransportProtocol protocol)
    {
        protocol = text switch
        {
            "tcp" => TransportProtocol.Tcp,
            "udp" => TransportProtocol.Udp,
            "sctp" => TransportProtocol.Sctp,
            _ => default,
        };
        return protocol != default;
    }
}
