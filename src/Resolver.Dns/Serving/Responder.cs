// SPDX-License-Identifier: Apache-2.0

using Resolver.Dns.Zones;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Serving;

/// <summary>One sandbox's responder while it serves. Thread-safe.</summary>
public sealed class Responder : IAsyncDisposable
{
    private readonly DatagramSocket _datagrams;
    private readonly TcpResponder _tcp;
    private readonly SandboxContext _context;
    private readonly Action<Responder> _forget;
    private int _isDisposed;

    internal Responder(ResponderSockets sockets, SandboxView view, SandboxContext context, TcpService tcp, Action<Responder> forget)
    {
        Port = sockets.Port;
        _datagrams = sockets.Datagrams;
        _context = context;
        Update(view);
        _forget = forget;
        _tcp = new TcpResponder(sockets.Listener, tcp, () => (SandboxView)_datagrams.State!);
    }

    /// <summary>The port at 127.0.0.11 behind the rewriting.</summary>
    public ushort Port { get; }

    /// <summary>What the sandbox sees now.</summary>
    public SandboxView View => (SandboxView)_datagrams.State!;

    /// <summary>Replaces what the sandbox sees: questions received after the return see the new view.</summary>
    public void Update(SandboxView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        view.Context = _context;
        _datagrams.State = view;
    }

    /// <summary>Stops serving and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _datagrams.Dispose();
        await _tcp.DisposeAsync().ConfigureAwait(false);
        _context.Dispose();
        _forget(this);
    }
}
