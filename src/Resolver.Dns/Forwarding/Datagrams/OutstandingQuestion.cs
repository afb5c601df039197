// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net.Sockets;
using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Forwarding.Datagrams;

/// <summary>
/// A client's question that was sent to the likeliest upstream by UDP. Whoever receives the reply answers the client; if the reply is late or needs more
/// than that, a race goes on with what was begun. <see cref="FirstAttempts"/> guards it.
/// </summary>
/// <param name="race">What was begun.</param>
/// <param name="servers">Whom else to ask.</param>
/// <param name="server">Who was asked.</param>
/// <param name="patience">How long before another is asked as well.</param>
/// <param name="message">The question to the upstream; its id is set by the port.</param>
/// <param name="asked">A timestamp.</param>
internal sealed class OutstandingQuestion(
    SharedRace race, ImmutableArray<UpstreamServer> servers, UpstreamServer server, TimeSpan patience, byte[] message, long asked)
{
    private TaskCompletionSource<byte[]>? _reply;

    internal SharedRace Race => race;

    internal ImmutableArray<UpstreamServer> Servers => servers;

    internal UpstreamServer Server => server;

    internal TimeSpan Patience => patience;

    internal byte[] Message => message;

    internal long Asked => asked;

    internal ushort Id
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(message);
        set => BinaryPrimitives.WriteUInt16BigEndian(message, value);
    }

    /// <summary>Who asked.</summary>
    internal required DatagramSocket Socket { get; init; }

    internal required DatagramPeer Peer { get; init; }

    internal required SandboxView View { get; init; }

    /// <summary>The client's message.</summary>
    internal required byte[] ClientMessage { get; init; }

    /// <summary>Where the reply is awaited; null before it was sent.</summary>
    internal UpstreamPort? Port { get; set; }

    /// <summary>True when a race goes on with it.</summary>
    internal bool IsHandedOver => _reply is not null;

    /// <summary>From now on what comes goes to a race.</summary>
    internal void HandOver() => _reply = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The reply, after it was handed over.</summary>
    /// <exception cref="SocketException">The upstream can't be reached.</exception>
    /// <exception cref="OperationCanceledException">The caller wished so; it is awaited no more.</exception>
    internal async Task<byte[]> ReplyAsync(CancellationToken cancellation)
    {
        try
        {
            return await _reply!.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            Port?.Forget(this);
        }
    }

    /// <summary>Gives the race a reply.</summary>
    internal void Reply(byte[] reply) => _reply!.TrySetResult(reply);

    /// <summary>Tells the race that none will come.</summary>
    internal void Fail() => _reply!.TrySetException(new SocketException((int)SocketError.ConnectionRefused));
}
