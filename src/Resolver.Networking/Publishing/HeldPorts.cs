// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sockets;
using Resolver.Networking.Relaying;

namespace Resolver.Networking.Publishing;

/// <summary>Sockets of the host with what they are held for: a published port, or two that are the same on all addresses of either family.</summary>
internal sealed class HeldPorts : IDisposable
{
    private PortReservation _sockets;
    private Relays? _relays;
    private RelayTarget? _target;

    /// <param name="sockets">The sockets; owned from now on.</param>
    internal HeldPorts(PortReservation sockets)
    {
        _sockets = sockets;
    }

    /// <summary>What they are held for.</summary>
    internal List<PublishedPort> Ports { get; } = new(2);

    internal bool IsRelayed => _target is not null;

    /// <summary>Relays what the kernel does not translate.</summary>
    /// <exception cref="KernelException">The ports can't be listened at.</exception>
    internal void Relay(Relays relays, RelayTarget target)
    {
        relays.Begin(_sockets, target);
        (_relays, _target) = (relays, target);
    }

    /// <summary>Holds no more than what is left of the two; in the host's namespace. What is relayed goes on.</summary>
    /// <param name="host">The calling thread's namespace.</param>
    /// <exception cref="Core.Failures.RefusedException">Somebody else has taken a port that could not be held without a moment in between.</exception>
    internal void Narrow(NetworkNamespace host)
    {
        AddressFamily family = Ports[0].Family;
        _relays?.End(_sockets);
        _sockets = NarrowTo(family, host);
        if (_target is { } target && family == AddressFamily.InterNetworkV6)
        {
            _relays!.Begin(_sockets, target);
        }
        else
        {
            _target?.Dispose();
            _target = null;
        }
    }

    /// <summary>Gives the ports back, and ends what is relayed.</summary>
    public void Dispose()
    {
        _relays?.End(_sockets);
        _target?.Dispose();
        _sockets.Dispose();
    }

    private PortReservation NarrowTo(AddressFamily family, NetworkNamespace host)
    {
        try
        {
            return _sockets.Narrow(family);
        }
        catch (KernelException)
        {
            // Without descriptors for both: one after the other.
            _sockets.Dispose();
            return HostPorts.Bind(Ports[0], host)!;
        }
    }
}
