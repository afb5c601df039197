// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Resolver.Linux.Sockets;

namespace Resolver.Networking.Relaying;

/// <summary>
/// Passes TCP connections on to an endpoint, in both directions with each side's end of sending. A connection that the endpoint refuses is reset, and so
/// is one that there is no place for: none is accepted and then left hanging.
/// </summary>
internal sealed class TcpRelay : IDisposable
{
    private const int Backlog = 128;
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(10);

    private readonly Socket _listener;
    private readonly IPEndPoint _target;
    private readonly Func<Socket> _open;
    private readonly RelayLimits _limits;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="listener">A bound socket; owned from now on.</param>
    /// <param name="target">The endpoint's address and port.</param>
    /// <param name="open">Opens a socket in the host's namespace.</param>
    /// <param name="limits">What all relays may have together.</param>
    /// <exception cref="SocketException">Refused.</exception>
    internal TcpRelay(Socket listener, IPEndPoint target, Func<Socket> open, RelayLimits limits)
    {
        _listener = listener;
        _target = target;
        _open = open;
        _limits = limits;
        PortReservation.YieldWhenEnded(listener);
        listener.Listen(Backlog);
        _ = AcceptAsync(_stop.Token);
    }

    /// <summary>Takes no more connections and resets those that there are.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(stop);
                _ = ServeAsync(client, stop);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None); // Until others have ended.
            }
            catch (SocketException)
            {
                // The client ended before it was accepted.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        if (!_limits.TryTake())
        {
            Reset(client);
            return;
        }

        Socket? target = null;
        try
        {
            target = _open();
            using (CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop))
            {
                deadline.CancelAfter(ConnectDeadline);
                await target.ConnectAsync(_target, deadline.Token);
            }

            client.NoDelay = target.NoDelay = true;
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAll(PassAsync(client, target, end), PassAsync(target, client, end));
            client.Dispose();
            target.Dispose();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or Linux.KernelException)
        {
            // The other side shall not take a broken connection for a finished one.
            Reset(client);
            Reset(target);
        }
        finally
        {
            _limits.Give();
        }
    }

    private static async Task PassAsync(Socket from, Socket to, CancellationTokenSource end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int length;
            while ((length = await from.ReceiveAsync(buffer.AsMemory(0, BufferBytes), end.Token)) > 0)
            {
                for (int sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent), end.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send); // The other direction goes on.
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await end.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Reset(Socket? socket)
    {
        if (socket is not null)
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }

            socket.Dispose();
        }
    }
}
