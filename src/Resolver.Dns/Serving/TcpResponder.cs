// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Dns.Zones;

namespace Resolver.Dns.Serving;

/// <summary>The TCP side of one sandbox's responder.</summary>
internal sealed class TcpResponder : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly string _name;
    private readonly TcpService _service;
    private readonly Func<SandboxView> _view;
    private readonly Dictionary<TcpConnection, Task> _connections = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    internal TcpResponder(Socket listener, TcpService service, Func<SandboxView> view)
    {
        _listener = listener;
        _name = $"{listener.LocalEndPoint}";
        _service = service;
        _view = view;
        _accepting = Task.Run(AcceptAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();

        Task[] serving;
        lock (_gate)
        {
            foreach (TcpConnection connection in _connections.Keys)
            {
                connection.Close();
            }

            serving = [.. _connections.Values];
        }

        await Task.WhenAll(serving).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Open(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // Mostly a lack of descriptors: it passes, and a loop without a pause would only make it worse.
                _service.NotAccepted(_name, failure.Message);
                await Task.Delay(RetryDelay, _service.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Open(Socket socket)
    {
        TcpConnection connection = new(socket, _service, _view);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_connections.Count >= _service.Options.MaxTcpConnectionsPerSandbox)
            {
                TcpConnection longestIdle = _connections.Keys.MinBy(open => open.LastMessage)!;
                longestIdle.Close();
                _connections.Remove(longestIdle);
            }

            _connections.Add(connection, ended.Task);
        }

        // On this thread as far as it goes without waiting: mostly the question is there already, and a hop costs more than the answer.
        _ = ServeAsync(connection, ended);
    }

    private async Task ServeAsync(TcpConnection connection, TaskCompletionSource ended)
    {
        await connection.RunAsync().ConfigureAwait(false);
        lock (_gate)
        {
            // Disposed under the lock, so that nobody closes it afterwards.
            _connections.Remove(connection);
            connection.Dispose();
        }

        ended.SetResult();
    }
}
