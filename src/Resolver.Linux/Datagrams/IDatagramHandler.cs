// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Linux.Datagrams;

/// <summary>What answers datagrams. Called on a loop thread: must not block, allocate, throw or log.</summary>
public interface IDatagramHandler
{
    /// <summary>Answers one datagram.</summary>
    /// <param name="socket">The socket that received it.</param>
    /// <param name="peer">Who sent it.</param>
    /// <param name="datagram">Its octets, valid during the call only.</param>
    /// <param name="reply">Where the reply goes; as large as the largest datagram that is served.</param>
    /// <param name="length">How much of <paramref name="reply"/> is sent.</param>
    DatagramVerdict Handle(DatagramSocket socket, in DatagramPeer peer, ReadOnlySpan<byte> datagram, Span<byte> reply, out int length);

    /// <summary>All that was there has been handled: the moment to send what waits to be sent together.</summary>
    void Flush()
    {
    }

    /// <summary>The kernel says that the peer of a connected socket can't be reached or does not listen.</summary>
    /// <param name="socket">The socket.</param>
    void Unreachable(DatagramSocket socket)
    {
    }
}
