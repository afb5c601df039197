// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Resolver.Networking.Relaying;

/// <summary>Passes a TCP connection on to an endpoint, in both directions with each side's end of sending. One that the endpoint refuses is reset.</summary>
internal static class RelayedConnection
{
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(10);

    /// <summary>Serves a client until both sides have ended.</summary>
    /// <param name="client">The client; closed here.</param>
    /// <param name="address">The endpoint's address and port.</param>
    /// <param name="open">Opens a socket in the host's namespace.</param>
    /// <param name="stop">Resets the connection.</param>
    internal static async Task ServeAsync(Socket client, IPEndPoint address, Func<Socket> open, CancellationToken stop)
    {
        Socket? target = null;
        try
        {
            target = open();
            using (CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop))
            {
                deadline.CancelAfter(ConnectDeadline);
                await target.ConnectAsync(address, deadline.Token);
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
    }

    /// <summary>Ends a connection so that its client sees that it did not end well.</summary>
    internal static void Reset(Socket? socket)
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
}
