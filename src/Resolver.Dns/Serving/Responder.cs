// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Zones;

namespace Resolver.Dns.Serving;

/// <summary>One sandbox's responder while it serves. Thread-safe.</summary>
public sealed class Responder : IAsyncDisposable
{
    /// <summary>The port at 127.0.0.11 behind the rewriting.</summary>
    public ushort Port => throw new NotImplementedException();

    /// <summary>Replaces what the sandbox sees: questions received after the return see the new view.</summary>
    public void Update(SandboxView view) => throw new NotImplementedException();

    /// <summary>Stops serving and closes the sockets.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
