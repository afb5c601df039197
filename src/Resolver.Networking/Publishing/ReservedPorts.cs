// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Linux;
using Resolver.Linux.Sockets;

namespace Resolver.Networking.Publishing;

/// <summary>Ports of the host with the sockets that hold them. Owned by who made it; gives the ports back when it is disposed of.</summary>
public sealed class ReservedPorts : IDisposable
{
    private readonly Dictionary<PublishedPort, ImmutableArray<PortReservation>> _sockets = [];
    private readonly Dictionary<PublishedPort, ImmutableArray<IDisposable>> _relays = [];

    /// <summary>What is held.</summary>
    public ImmutableArray<PublishedPort> Ports => [.. _sockets.Keys];

    /// <summary>True if a port of the host is among them.</summary>
    internal bool HoldsAny => _sockets.Values.Any(sockets => !sockets.IsEmpty);

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        foreach (PublishedPort port in Ports)
        {
            Release(port);
        }
    }

    /// <summary>Adds a port that is held, or one that needs no holding; the same of the latter twice is the same once.</summary>
    internal void Add(PublishedPort port, ImmutableArray<PortReservation> sockets) => _sockets[port] = sockets;

    /// <summary>Takes over all that another holds.</summary>
    internal void Take(ReservedPorts other)
    {
        foreach ((PublishedPort port, ImmutableArray<PortReservation> sockets) in other._sockets)
        {
            _sockets[port] = sockets; // Twice only where there is nothing to hold.
        }

        foreach ((PublishedPort port, ImmutableArray<IDisposable> relays) in other._relays)
        {
            _relays[port] = relays;
        }

        other._sockets.Clear();
        other._relays.Clear();
    }

    /// <summary>Begins to relay what comes to these ports, each socket by what this makes of it; those that are relayed already stay so.</summary>
    internal void Relay(PublishedPort port, Func<PortReservation, IDisposable> begin)
    {
        if (!_relays.ContainsKey(port) && _sockets.TryGetValue(port, out ImmutableArray<PortReservation> sockets))
        {
            List<IDisposable> relays = [];
            try
            {
                foreach (PortReservation socket in sockets)
                {
                    relays.Add(begin(socket));
                }
            }
            catch (KernelException)
            {
                relays.ForEach(relay => relay.Dispose());
                throw;
            }

            _relays[port] = [.. relays];
        }
    }

    internal void Release(PublishedPort port)
    {
        if (_relays.Remove(port, out ImmutableArray<IDisposable> relays))
        {
            foreach (IDisposable relay in relays)
            {
                relay.Dispose();
            }
        }

        if (_sockets.Remove(port, out ImmutableArray<PortReservation> sockets))
        {
            foreach (PortReservation socket in sockets)
            {
                socket.Dispose();
            }
        }
    }
}
