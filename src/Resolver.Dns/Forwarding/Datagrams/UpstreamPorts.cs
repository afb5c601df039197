// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Linux;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Forwarding.Datagrams;

/// <summary>
/// The ports from which one thread asks one upstream. Chance says which of them is used by the questions that are sent together, and each is
/// given up after <see cref="UpstreamPort.MaxUses"/> questions or <see cref="MaxAge"/>. Not thread-safe.
/// </summary>
internal sealed class UpstreamPorts(IPEndPoint upstream, TimeProvider timeProvider)
{
    internal const int Count = 64;

    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    private readonly UpstreamPort?[] _ports = new UpstreamPort?[Count];
    private readonly List<UpstreamPort> _retired = [];
    private UpstreamPort? _current;

    /// <summary>True when none is open.</summary>
    internal bool IsEmpty => _retired.Count == 0 && Array.TrueForAll(_ports, port => port is null);

    internal IEnumerable<UpstreamPort> All => _ports.OfType<UpstreamPort>().Concat(_retired);

    /// <summary>The port to ask from now.</summary>
    /// <param name="random">Chance.</param>
    /// <param name="beside">A socket whose thread is to receive the replies.</param>
    /// <exception cref="KernelException">There is no way to the upstream, or no descriptor left.</exception>
    internal UpstreamPort Current(RandomNumbers random, DatagramSocket beside)
    {
        if (_current is { IsWorn: false } current)
        {
            return current;
        }

        int place = random.Next() % Count;
        UpstreamPort? port = _ports[place];
        if (port is null || port.IsWorn)
        {
            UpstreamPort opened = Open(beside);
            Retire(place);
            _ports[place] = port = opened;
        }

        return _current = port;
    }

    /// <summary>What is asked next leaves from a port that is chosen anew.</summary>
    internal void Change() => _current = null;

    /// <summary>Those that are to be closed: given up, and nothing is awaited there any more.</summary>
    internal IEnumerable<UpstreamPort> TakeClosing()
    {
        for (int place = 0; place < Count; place++)
        {
            if (_ports[place] is { } port && (port.IsWorn || timeProvider.GetElapsedTime(port.Opened) >= MaxAge))
            {
                Retire(place);
            }
        }

        UpstreamPort[] closing = [.. _retired.Where(port => port.OutstandingCount == 0)];
        _retired.RemoveAll(closing.Contains);
        return closing;
    }

    private void Retire(int place)
    {
        if (_ports[place] is { } port)
        {
            _retired.Add(port);
            _ports[place] = null;
            _current = ReferenceEquals(_current, port) ? null : _current;
        }
    }

    private UpstreamPort Open(DatagramSocket beside)
    {
        DatagramSocket socket = DatagramSocket.Connect(upstream, state: null);
        try
        {
            UpstreamPort port = new(socket, timeProvider.GetTimestamp());
            socket.State = port;
            socket.ServeBeside(beside);
            return port;
        }
        catch (Exception failure) when (failure is KernelException or InvalidOperationException or ObjectDisposedException)
        {
            socket.Dispose();
            throw failure as KernelException ?? new KernelException("epoll_ctl", $"udp {upstream}", Errno.EBADF);
        }
    }
}
