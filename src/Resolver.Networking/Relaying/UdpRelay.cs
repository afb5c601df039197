// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Resolver.Networking.Relaying;

/// <summary>Passes datagrams on to an endpoint and its replies back, by a socket for each client that ends when the client pauses.</summary>
internal sealed class UdpRelay : IDisposable
{
    private const int MaxDatagramBytes = 65535;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(90);

    private readonly Socket _socket;
    private readonly IPEndPoint _target;
    private readonly Func<Socket> _open;
    private readonly RelayLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<EndPoint, UdpFlow> _flows = new();

    /// <summary>Begins to receive.</summary>
    /// <param name="socket">A bound socket; owned from now on.</param>
    /// <param name="target">The endpoint's address and port.</param>
    /// <param name="open">Opens a socket in the host's namespace.</param>
    /// <param name="limits">What all relays may have together.</param>
    internal UdpRelay(Socket socket, IPEndPoint target, Func<Socket> open, RelayLimits limits)
    {
        _socket = socket;
        _target = target;
        _open = open;
        _limits = limits;
        _ = ReceiveAsync(_stop.Token);
    }

    /// <summary>Ends all flows.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.IPv6Any, 0), stop);
                if (FlowOf(received.RemoteEndPoint, stop) is { } flow)
                {
                    flow.Idle.CancelAfter(Idle);
                    await flow.Socket.SendAsync(buffer.AsMemory(0, received.ReceivedBytes), stop);
                }
            }
            catch (SocketException)
            {
                // A datagram that can't be passed on is lost, as any may be; the client sends again.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !stop.IsCancellationRequested)
            {
                // The client's flow ended in this moment: its next datagram begins another.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private UdpFlow? FlowOf(EndPoint client, CancellationToken stop)
    {
        if (_flows.TryGetValue(client, out UdpFlow? known))
        {
            return known;
        }

        if (!_limits.TryTake())
        {
            return null;
        }

        try
        {
            Socket socket = _open();
            socket.Connect(_target); // UDP: no packet and no wait.
            UdpFlow flow = new(socket, CancellationTokenSource.CreateLinkedTokenSource(stop));
            _flows[client] = flow;
            _ = AnswerAsync(client, flow);
            return flow;
        }
        catch (Exception e) when (e is SocketException or Linux.KernelException)
        {
            _limits.Give();
            return null;
        }
    }

    private async Task AnswerAsync(EndPoint client, UdpFlow flow)
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        try
        {
            while (true)
            {
                int length = await flow.Socket.ReceiveAsync(buffer.AsMemory(), flow.Idle.Token);
                flow.Idle.CancelAfter(Idle);
                await _socket.SendToAsync(buffer.AsMemory(0, length), client, flow.Idle.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Idle, refused by the endpoint, or the port is taken back: the flow ends.
        }
        finally
        {
            _flows.TryRemove(client, out _);
            flow.Dispose();
            _limits.Give();
        }
    }

    private sealed record UdpFlow(Socket Socket, CancellationTokenSource Idle) : IDisposable
    {
        public void Dispose()
        {
            Socket.Dispose();
            Idle.Dispose();
        }
    }
}
