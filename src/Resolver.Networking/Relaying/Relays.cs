// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sockets;

namespace Resolver.Networking.Relaying;

/// <summary>
/// Relays what comes to published ports and is not translated by the kernel. A connection that there is no place for is reset: none is accepted and then
/// left hanging. Thread-safe.
/// </summary>
internal sealed partial class Relays : IPortHandler, IDisposable
{
    private const int Backlog = 128;

    private readonly NetworkNamespace _host;
    private readonly ILogger _logger;
    private readonly RelayLimits _limits = new();
    private readonly Lazy<PortLoop> _loop;

    /// <param name="host">The host's namespace; stays its owner's.</param>
    /// <param name="logger">Where failures go that nobody waits for.</param>
    internal Relays(NetworkNamespace host, ILogger logger)
    {
        _logger = logger;
        _host = host;
        _loop = new Lazy<PortLoop>(() => new PortLoop(this, TimeProvider.System));
    }

    /// <summary>Begins to relay.</summary>
    /// <exception cref="KernelException">The ports can't be listened at; to be taken back by <see cref="End"/>.</exception>
    internal void Begin(PortReservation ports, RelayTarget target)
    {
        ports.State = target;
        if (ports.Block.Protocol == ProtocolType.Tcp)
        {
            ports.Listen(Backlog);
        }

        _loop.Value.Add(ports);
    }

    /// <summary>Ends it, for ports that are to be disposed of next. What has come by them goes on as long as its target.</summary>
    internal void End(PortReservation ports) => _loop.Value.Remove(ports);

    /// <inheritdoc/>
    public void Accepted(PortReservation ports, int index, Socket connection)
    {
        if (ports.State is not RelayTarget target || target.Stop.IsCancellationRequested || !_limits.TryTake())
        {
            RelayedConnection.Reset(connection);
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await RelayedConnection.ServeAsync(connection, target.At(index), () => Open(target, SocketType.Stream, ProtocolType.Tcp), target.Stop);
            }
            finally
            {
                _limits.Give();
            }
        });
    }

    /// <inheritdoc/>
    public Socket? Open(PortReservation ports, int index)
    {
        if (ports.State is not RelayTarget target || !_limits.TryTake())
        {
            return null;
        }

        Socket? socket = null;
        try
        {
            socket = Open(target, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(target.At(index)); // UDP: no packet and no wait.
            return socket;
        }
        catch (Exception e) when (e is SocketException or KernelException)
        {
            socket?.Dispose();
            _limits.Give();
            return null;
        }
    }

    /// <inheritdoc/>
    public void Unserved(PortReservation ports, Errno reason) => LogUnserved(ports.Block.Address.ToString(), ports.Block.First, reason);

    /// <inheritdoc/>
    public void Closed() => _limits.Give();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_loop.IsValueCreated)
        {
            _loop.Value.Dispose();
        }
    }

    private Socket Open(RelayTarget target, SocketType type, ProtocolType protocol) =>
        NamespaceThread.Run(_host, () => new Socket(target.Address.AddressFamily, type, protocol));

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "What comes to ports of {Address} from {First} on is not relayed for now: {Reason}; see fs.epoll.max_user_watches")]
    private partial void LogUnserved(string address, int first, Errno reason);
}
