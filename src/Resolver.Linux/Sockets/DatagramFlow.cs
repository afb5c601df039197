// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Linux.Datagrams;

namespace Resolver.Linux.Sockets;

/// <summary>What one client sends to a port, and what it is answered.</summary>
/// <param name="Socket">Connected to where it is passed on to.</param>
/// <param name="Ports">The ports.</param>
/// <param name="Index">Which of them.</param>
/// <param name="Client">The client.</param>
internal sealed record DatagramFlow(Socket Socket, PortReservation Ports, int Index, DatagramPeer Client)
{
    /// <summary>When a datagram last passed, in the clock's ticks.</summary>
    internal long LastUsed { get; set; }
}
