// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;

namespace Resolver.Networking.Publishing;

/// <summary>Ports of the host with the sockets that hold them. Owned by who made it; gives the ports back when it is disposed of. Not thread-safe.</summary>
public sealed class ReservedPorts : IDisposable
{
    // Null: no port of the host has a part in it, or the kernel does not have the transport.
    private readonly Dictionary<PublishedPort, HeldPorts?> _held = [];

    /// <summary>What is held.</summary>
    public ImmutableArray<PublishedPort> Ports => [.. _held.Keys];

    /// <summary>True if a port of the host is among them.</summary>
    internal bool HoldsAny => _held.Values.Any(held => held is not null);

    /// <summary>What is held and not relayed.</summary>
    internal IEnumerable<(PublishedPort Port, HeldPorts Held)> NotRelayed => _held
        .Where(entry => entry.Value is { IsRelayed: false })
        .Select(entry => (entry.Key, entry.Value!));

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        foreach (HeldPorts? held in _held.Values.Distinct())
        {
            held?.Dispose();
        }

        _held.Clear();
    }

    /// <summary>Adds a port that needs no holding; twice is the same as once.</summary>
    internal void Add(PublishedPort port) => _held[port] = null;

    /// <summary>Adds a port that is held.</summary>
    internal void Add(PublishedPort port, HeldPorts held)
    {
        _held[port] = held;
        held.Ports.Add(port);
    }

    /// <summary>Takes over all that another holds.</summary>
    internal void Take(ReservedPorts other)
    {
        foreach ((PublishedPort port, HeldPorts? held) in other._held)
        {
            _held[port] = held; // Twice only where there is nothing to hold.
        }

        other._held.Clear();
    }

    /// <summary>Forgets some ports; none is no error.</summary>
    /// <returns>What held them: to be disposed of where nothing is left, else to be narrowed to what is.</returns>
    internal ImmutableArray<HeldPorts> Forget(ImmutableArray<PublishedPort> ports)
    {
        HashSet<HeldPorts> touched = [];
        foreach (PublishedPort port in ports)
        {
            if (_held.Remove(port, out HeldPorts? held) && held is not null)
            {
                held.Ports.Remove(port);
                touched.Add(held);
            }
        }

        return [.. touched];
    }
}
