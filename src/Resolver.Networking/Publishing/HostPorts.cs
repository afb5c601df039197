// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Sockets;
using Resolver.Networking.Relaying;

namespace Resolver.Networking.Publishing;

/// <summary>The host's ports that are held for endpoints: each by a bound socket, so that no process of the host can take it. Thread-safe.</summary>
internal sealed class HostPorts : IDisposable
{
    private readonly NetworkNamespace _netns;
    private readonly Dictionary<ObjectId, ReservedPorts> _kept = [];
    private readonly RelayLimits _limits = new();

    /// <param name="netns">The host's namespace; stays its owner's.</param>
    internal HostPorts(NetworkNamespace netns)
    {
        _netns = netns;
    }

    internal bool Has(ObjectId endpoint)
    {
        lock (_kept)
        {
            return _kept.ContainsKey(endpoint);
        }
    }

    internal void Keep(ObjectId endpoint, ReservedPorts ports)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(endpoint, out ReservedPorts? kept))
            {
                kept.Take(ports);
            }
            else
            {
                _kept[endpoint] = ports;
            }
        }
    }

    internal void Release(ObjectId endpoint)
    {
        ReservedPorts? ports;
        lock (_kept)
        {
            _kept.Remove(endpoint, out ports);
        }

        ports?.Dispose();
    }

    /// <summary>What is held for an endpoint.</summary>
    internal ImmutableArray<PublishedPort> Of(ObjectId endpoint)
    {
        lock (_kept)
        {
            return _kept.TryGetValue(endpoint, out ReservedPorts? kept) ? kept.Ports : [];
        }
    }

    /// <summary>Lets some ports of an endpoint go; with the last of the host's ports the endpoint is forgotten.</summary>
    internal void Release(ObjectId endpoint, ImmutableArray<PublishedPort> ports)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(endpoint, out ReservedPorts? kept))
            {
                foreach (PublishedPort port in ports)
                {
                    kept.Release(port);
                }

                if (!kept.HoldsAny)
                {
                    _kept.Remove(endpoint);
                }
            }
        }
    }

    /// <summary>Relays what the kernel does not translate of the ports that are held for an endpoint.</summary>
    /// <exception cref="KernelException">No socket for it.</exception>
    internal void Relay(Endpoint endpoint)
    {
        lock (_kept)
        {
            if (!_kept.TryGetValue(endpoint.Id, out ReservedPorts? kept))
            {
                return;
            }

            foreach (PublishedPort port in kept.Ports)
            {
                if (endpoint.RelayTarget(port) is { } target)
                {
                    kept.Relay(port, reservation => Begin(port, reservation, target));
                }
            }
        }
    }

    private IDisposable Begin(PublishedPort port, PortReservation reservation, IPAddress address)
    {
        IPEndPoint target = new(address, reservation.LocalEndPoint.Port - port.HostPorts.First + port.EndpointPorts.First);
        Socket socket = reservation.Open();
        try
        {
            return port.Protocol == TransportProtocol.Tcp
                ? new TcpRelay(socket, target, () => In(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)), _limits)
                : new UdpRelay(socket, target, () => In(() => new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)), _limits);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new KernelException("listen", $"port {reservation.LocalEndPoint}", (Errno)e.NativeErrorCode);
        }
        catch (KernelException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs in the host's namespace.</summary>
    internal T In<T>(Func<T> function) => NamespaceThread.Run(_netns, function);

    /// <summary>Binds these very ports, all or none.</summary>
    /// <exception cref="RefusedException">A process of the host has one of them, or the host has no such address.</exception>
    internal ReservedPorts Reserve(IEnumerable<PublishedPort> ports) => In(() =>
    {
        ReservedPorts reserved = new();
        try
        {
            foreach (PublishedPort port in ports)
            {
                reserved.Add(port, Bind(port));
            }
        }
        catch
        {
            reserved.Dispose();
            throw;
        }

        return reserved;
    });

    /// <summary>Binds the ports of one mapping, all or none; in the calling thread's namespace.</summary>
    internal static ImmutableArray<PortReservation> Bind(PublishedPort port)
    {
        List<PortReservation> bound = new(port.HostPorts.Count);
        try
        {
            for (int number = port.HostPorts.First; number <= port.HostPorts.Last; number++)
            {
                if (Bind(new IPEndPoint(port.HostAddress, number), port.Protocol) is { } reservation)
                {
                    bound.Add(reservation);
                }
            }
        }
        catch
        {
            bound.ForEach(reservation => reservation.Dispose());
            throw;
        }

        return [.. bound];
    }

    /// <summary>Binds one port; null where the kernel does not have the transport, so that nobody can take it either.</summary>
    /// <exception cref="RefusedException">It is taken, or the host has no such address.</exception>
    internal static PortReservation? Bind(IPEndPoint endpoint, TransportProtocol protocol)
    {
        try
        {
            return PortReservation.Bind(endpoint, (ProtocolType)protocol);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRINUSE)
        {
            string subject = $"port {endpoint}/{TransportProtocols.NameOf(protocol)}";
            throw new RefusedException(
                FailureReason.AlreadyExists, subject, $"{subject} is taken by another process on this host; choose another host port or stop it", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRNOTAVAIL)
        {
            throw new RefusedException(
                FailureReason.InvalidArgument,
                "ports",
                $"port {endpoint}/{TransportProtocols.NameOf(protocol)}: the host has no address {endpoint.Address}; publish on one that it has",
                e);
        }
        catch (KernelException e) when (protocol == TransportProtocol.Sctp && e.Errno is Errno.EPROTONOSUPPORT or Errno.ESOCKTNOSUPPORT)
        {
            return null;
        }
    }

    public void Dispose()
    {
        lock (_kept)
        {
            foreach (ReservedPorts ports in _kept.Values)
            {
                ports.Dispose();
            }

            _kept.Clear();
        }
    }
}
