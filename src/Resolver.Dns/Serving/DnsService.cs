// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Logging;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Serving;

/// <summary>The responders of all sandboxes: their datagram loops, TCP, and the forwarder behind them. Thread-safe.</summary>
public sealed class DnsService : IAsyncDisposable
{
    /// <summary>Starts the loops and the forwarder in the calling thread's namespace (the host's: upstreams are dialled from there).</summary>
    public DnsService(DnsServiceOptions options, TimeProvider timeProvider, ILogger<DnsService> logger) => throw new NotImplementedException();

    /// <summary>What was served so far, summed over the loops.</summary>
    public DnsCounters Counters => throw new NotImplementedException();

    /// <summary>Serves a sandbox from now on; takes over the sockets.</summary>
    public Responder Serve(ResponderSockets sockets, SandboxView view) => throw new NotImplementedException();

    /// <summary>Stops all.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
