// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Datagrams;

/// <summary>What becomes of a received datagram.</summary>
public enum DatagramVerdict
{
    /// <summary>The reply buffer goes back to the sender.</summary>
    Send,

    /// <summary>Nothing is sent.</summary>
    Drop,

    /// <summary>The handler has taken a copy and will reply later through <see cref="DatagramSocket.TrySend"/>.</summary>
    Defer,
}
