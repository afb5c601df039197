// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Dns.Zones;
using Resolver.Linux;
using Resolver.Linux.Datagrams;

namespace Resolver.Dns.Forwarding.Datagrams;

/// <summary>
/// Clients' questions to upstreams by UDP as most of them go: the likeliest upstream is asked, it answers, the client gets the answer, all on the
/// loop's thread and in batches. What is late, fails or needs another protocol is handed over to a race, which goes on with what was begun. One per
/// thread of the loop; <see cref="TryAsk"/>, <see cref="Receive"/> and <see cref="Flush"/> are called there.
/// </summary>
internal sealed class FirstAttempts : IDisposable
{
    internal const int MaxReplyBytes = 4096;
    internal const int MaxUpstreams = 16; // Each may hold as many descriptors as it has ports.

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);

    private readonly Forwarder _forwarder;
    private readonly TimeProvider _timeProvider;
    private readonly Action<OutstandingQuestion> _handOver;
    private readonly Dictionary<IPEndPoint, UpstreamPorts> _ports = [];
    private readonly DatagramQueue _questions = new(Forwarder.MaxQuestionBytes);
    private readonly DatagramQueue _replies = new(MaxReplyBytes);
    private readonly RandomNumbers _random = new();
    private readonly Lock _gate = new();
    private readonly ITimer _watch;
    private readonly CancellationTokenRegistration _stop;
    private bool _isWatching;
    private bool _isDisposed;

    /// <param name="forwarder">What is known of upstreams and replies.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="handOver">Lets a race go on with a question; must not block.</param>
    internal FirstAttempts(Forwarder forwarder, TimeProvider timeProvider, Action<OutstandingQuestion> handOver)
    {
        _forwarder = forwarder;
        _timeProvider = timeProvider;
        _handOver = handOver;
        _watch = timeProvider.CreateTimer(_ => Watch(all: false), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stop = forwarder.Stopping.Register(() => Watch(all: true));
    }

    /// <summary>Asks for a client that has its place at the forwarder; false if that takes more than this can do.</summary>
    internal bool TryAsk(DatagramSocket socket, in DatagramPeer peer, SandboxView view, ReadOnlySpan<byte> message, IDatagramHandler handler)
    {
        if (_forwarder.TryBegin(socket, in peer, view, message) is not { } question)
        {
            return false;
        }

        if (_questions.IsFull)
        {
            _questions.Flush(handler);
        }

        lock (_gate)
        {
            try
            {
                UpstreamPort? port = PortsOf(question.Server.Upstream.EndPoint)?.Current(_random, socket);
                if (port is not null && !_isDisposed)
                {
                    port.Await(question, _random);
                    question.Message.CopyTo(_questions.Next);
                    _questions.Add(port.Socket, question.Message.Length);
                    WatchFromNow();
                    return true;
                }
            }
            catch (KernelException)
            {
                // No way there, or no descriptor: the race finds out the same, and goes on to the next.
            }
        }

        _handOver(question);
        return true;
    }

    /// <summary>Answers the client whose question a datagram answers.</summary>
    internal void Receive(UpstreamPort port, ReadOnlySpan<byte> datagram, IDatagramHandler handler)
    {
        OutstandingQuestion? question;
        lock (_gate)
        {
            if (!port.TryMatch(datagram, out question))
            {
                return;
            }

            if (question.IsHandedOver)
            {
                question.Reply(datagram.ToArray());
                return;
            }
        }

        if (_replies.IsFull)
        {
            _replies.Flush(handler);
        }

        if (_forwarder.TryEnd(question, datagram, _replies.Next, out int length))
        {
            _replies.Add(question.Socket, question.Peer, length);
            return;
        }

        question.HandOver();
        question.Reply(datagram.ToArray());
        _handOver(question);
    }

    /// <summary>Sends what waits.</summary>
    internal void Flush(IDatagramHandler handler)
    {
        _replies.Flush(handler);
        _questions.Flush(handler);
        if (_isWatching)
        {
            ChangePorts();
        }
    }

    /// <summary>Hands over what was asked on a port whose upstream can't be reached.</summary>
    internal void Unreachable(UpstreamPort port)
    {
        OutstandingQuestion[] failing;
        lock (_gate)
        {
            failing = port.TakeAll();
        }

        foreach (OutstandingQuestion question in failing)
        {
            if (question.IsHandedOver)
            {
                question.Fail();
                continue;
            }

            question.HandOver();
            question.Fail();
            _handOver(question);
        }
    }

    /// <summary>Closes the ports. After the loop has ended.</summary>
    public void Dispose()
    {
        _stop.Dispose();
        _watch.Dispose();
        UpstreamPort[] closing;
        lock (_gate)
        {
            _isDisposed = true;
            closing = [.. _ports.Values.SelectMany(ports => ports.All)];
            _ports.Clear();
        }

        foreach (UpstreamPort port in closing)
        {
            port.Dispose();
        }

        _questions.Dispose();
        _replies.Dispose();
    }

    private UpstreamPorts? PortsOf(IPEndPoint upstream)
    {
        if (!_ports.TryGetValue(upstream, out UpstreamPorts? ports) && _ports.Count < MaxUpstreams)
        {
            ports = new UpstreamPorts(upstream, _timeProvider);
            _ports.Add(upstream, ports);
        }

        return ports;
    }

    private void ChangePorts()
    {
        lock (_gate)
        {
            foreach (UpstreamPorts ports in _ports.Values)
            {
                ports.Change();
            }
        }
    }

    private void WatchFromNow()
    {
        if (!_isWatching)
        {
            _isWatching = true;
            _watch.Change(WatchInterval, WatchInterval);
        }
    }

    // On the pool: hands over what is late, and closes ports, which waits for the loop's thread.
    private void Watch(bool all)
    {
        List<OutstandingQuestion> overdue = [];
        List<UpstreamPort> closing = [];
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            bool isAwaiting = false;
            foreach ((IPEndPoint upstream, UpstreamPorts ports) in _ports)
            {
                closing.AddRange(ports.TakeClosing());
                foreach (UpstreamPort port in ports.All)
                {
                    port.CollectOverdue(overdue, _timeProvider, all);
                    isAwaiting |= port.OutstandingCount > 0;
                }

                if (ports.IsEmpty)
                {
                    _ports.Remove(upstream);
                }
            }

            foreach (OutstandingQuestion question in overdue)
            {
                question.HandOver();
            }

            if (!isAwaiting)
            {
                _isWatching = false;
                TimeSpan next = _ports.Count > 0 ? IdleInterval : Timeout.InfiniteTimeSpan;
                _watch.Change(next, next);
            }
        }

        foreach (OutstandingQuestion question in overdue)
        {
            _handOver(question);
        }

        foreach (UpstreamPort port in closing)
        {
            port.Dispose();
        }
    }
}
