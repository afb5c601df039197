// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Forwarding.Encrypted;

/// <summary>
/// The connections to upstreams by TLS (RFC 7858): one per server, over which many questions go at once; closed when idle. Thread-safe.
/// </summary>
internal sealed class TlsUpstreams(TimeProvider timeProvider) : IAsyncDisposable
{
    private readonly Dictionary<UpstreamServer, TlsConnection> _connections = [];
    private readonly Lock _gate = new();
    private bool _isDisposed;

    /// <summary>Asks and returns the reply, whatever its rcode. A connection that the server had closed meanwhile costs a second try, not an error.</summary>
    internal async Task<byte[]> AskAsync(UpstreamServer server, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        (TlsConnection connection, bool isNew) = Connection(server);
        try
        {
            return await connection.AskAsync(question, cancellation).ConfigureAwait(false);
        }
        catch (IOException) when (!isNew)
        {
            (connection, _) = Connection(server);
            return await connection.AskAsync(question, cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        TlsConnection[] open;
        lock (_gate)
        {
            _isDisposed = true;
            open = [.. _connections.Values];
            _connections.Clear();
        }

        foreach (TlsConnection connection in open)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private (TlsConnection Connection, bool IsNew) Connection(UpstreamServer server)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                throw new OperationCanceledException();
            }

            if (_connections.TryGetValue(server, out TlsConnection? open) && !open.IsClosed)
            {
                return (open, false);
            }

            TlsConnection connection = new(server, timeProvider, Forget);
            _connections[server] = connection;
            return (connection, true);
        }
    }

    private void Forget(TlsConnection closed)
    {
        lock (_gate)
        {
            if (_connections.TryGetValue(closed.Server, out TlsConnection? known) && ReferenceEquals(known, closed))
            {
                _connections.Remove(closed.Server);
            }
        }
    }
}
