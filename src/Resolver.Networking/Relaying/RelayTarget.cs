// SPDX-License-Identifier: Apache-2.0

using System.Net;

namespace Resolver.Networking.Relaying;

/// <summary>Where published ports are relayed to, as long as they are.</summary>
/// <param name="Address">The endpoint's address.</param>
/// <param name="FirstPort">The endpoint's port that the lowest of the host's leads to.</param>
internal sealed record RelayTarget(IPAddress Address, ushort FirstPort) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Resets connections.</summary>
    internal CancellationToken Stop => _stop.Token;

    /// <summary>The endpoint's port for one of the host's.</summary>
    internal IPEndPoint At(int index) => new(Address, FirstPort + index);

    /// <summary>Resets the connections that there are.</summary>
    public void Dispose() => _stop.Cancel();
}
