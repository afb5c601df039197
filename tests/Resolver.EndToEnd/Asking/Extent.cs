// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Asking;

/// <summary>How much of an answer a client shows.</summary>
public enum Extent
{
    /// <summary>Every address; a truncated answer is asked for again over TCP.</summary>
    Everything,

    /// <summary>Every address that fits a datagram of 512 octets: the client does not ask again over TCP.</summary>
    Datagram,

    /// <summary>The addresses of one family, IPv6 when there are any.</summary>
    Family,

    /// <summary>The one that the client connected to.</summary>
    Connection,
}
