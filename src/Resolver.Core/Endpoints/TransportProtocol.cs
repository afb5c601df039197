// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Endpoints;

/// <summary>The transport of a published or registered port. Values are IANA protocol numbers.</summary>
public enum TransportProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}
