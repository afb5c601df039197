// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Processes;
using Resolver.Linux.Sockets;
using Resolver.Networking.Relaying;

namespace Resolver.Networking.Publishing;

/// <summary>The host's ports that are held for endpoints: each by a bound socket, so that no process of the host can take it. Thread-safe.</summary>
internal sealed class HostPorts : IDisposable
{
    private readonly NetworkNamespace _netns;
    private readonly Dictionary<ObjectId, ReservedPorts> _kept = [];
    private readonly Relays _relays;

    /// <param name="netns">The host's namespace; stays its owner's.</param>
    /// <param name="logger">Where failures go that nobody waits for.</param>
    internal HostPorts(NetworkNamespace netns, ILogger logger)
    {
        _netns = netns;
        _relays = new Relays(netns, logger);

        // The first long range would wait for it.
        _ = Task.Run(() => DescriptorTable.MakeRoom(PortChoice.MaxPorts));
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
    /// <exception cref="RefusedException">A port that stays could not go on being held.</exception>
    internal void Release(ObjectId endpoint, ImmutableArray<PublishedPort> ports)
    {
        ImmutableArray<HeldPorts> released = [];
        lock (_kept)
        {
            if (_kept.TryGetValue(endpoint, out ReservedPorts? kept))
            {
                released = kept.Forget(ports);
                if (!kept.HoldsAny)
                {
                    _kept.Remove(endpoint);
                }
            }
        }

        foreach (HeldPorts held in released)
        {
            if (held.Ports.Count == 0)
            {
                held.Dispose();
            }
            else
            {
                In(() =>
                {
                    held.Narrow(_netns);
                    return true;
                });
            }
        }
    }

    /// <summary>Relays what the kernel does not translate of the ports that are held for an endpoint.</summary>
    /// <exception cref="KernelException">The ports can't be listened at.</exception>
    internal void Relay(Endpoint endpoint)
    {
        lock (_kept)
        {
            if (!_kept.TryGetValue(endpoint.Id, out ReservedPorts? kept))
            {
                return;
            }

            foreach ((PublishedPort port, HeldPorts held) in kept.NotRelayed)
            {
                if (endpoint.RelayTarget(port) is { } address)
                {
                    held.Relay(_relays, new RelayTarget(address, port.EndpointPorts.First));
                }
            }
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
            Hold(ports, reserved);
        }
        catch
        {
            reserved.Dispose();
            throw;
        }

        return reserved;
    });

    /// <summary>
    /// Binds ports one after the other, in the calling thread's namespace, which is the host's. What is published on all addresses of both families has one
    /// socket for both: half of the sockets, each of which the kernel needs microseconds and kilobytes for.
    /// </summary>
    /// <param name="ports">The ports.</param>
    /// <param name="reserved">Where those are added that could be bound before one could not.</param>
    /// <exception cref="RefusedException">As for <see cref="Reserve"/>.</exception>
    internal void Hold(IEnumerable<PublishedPort> ports, ReservedPorts reserved)
    {
        foreach (IGrouping<(PortRange, TransportProtocol, bool), PublishedPort> same in ports.GroupBy(port => (port.HostPorts, port.Protocol, port.IsOnAll)))
        {
            PublishedPort[] both = [.. same];
            HeldPorts? ofBoth = both is [{ IsOnAll: true }, { }] && both[0].Family != both[1].Family ? TryBindBoth(both[0]) : null;
            foreach (PublishedPort port in both)
            {
                if (ofBoth is not null)
                {
                    reserved.Add(port, ofBoth);
                }
                else if (Bind(port, _netns) is { } sockets)
                {
                    reserved.Add(port, new HeldPorts(sockets));
                }
                else
                {
                    reserved.Add(port);
                }
            }
        }
    }

    /// <summary>Binds the ports of one mapping, all or none; null where the kernel does not have the transport, so that nobody can take them either.</summary>
    /// <param name="port">The mapping.</param>
    /// <param name="netns">The calling thread's namespace.</param>
    /// <exception cref="RefusedException">One is taken, or the host has no such address.</exception>
    internal static PortReservation? Bind(PublishedPort port, NetworkNamespace netns) => Bind(BlockOf(port), netns);

    /// <summary>Binds a port of the kernel's choice, in the calling thread's namespace; null where the kernel does not have the transport.</summary>
    /// <exception cref="RefusedException">The host has no such address.</exception>
    internal PortReservation? BindAny(IPAddress address, TransportProtocol protocol) => Bind(new PortBlock(address, 0, 1, (ProtocolType)protocol), _netns);

    private static PortReservation? Bind(PortBlock block, NetworkNamespace netns)
    {
        try
        {
            return PortReservation.Bind(netns, block);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRINUSE)
        {
            string subject = $"port {e.Subject}";
            throw new RefusedException(
                FailureReason.AlreadyExists, subject, $"{subject} is taken by another process on this host; choose another host port or stop it", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRNOTAVAIL)
        {
            throw new RefusedException(
                FailureReason.InvalidArgument, "ports", $"port {e.Subject}: the host has no address {block.Address}; publish on one that it has", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EMFILE or Errno.ENFILE)
        {
            throw NoDescriptor(e);
        }
        catch (KernelException e) when (block.Protocol == (ProtocolType)TransportProtocol.Sctp && e.Errno is Errno.EPROTONOSUPPORT or Errno.ESOCKTNOSUPPORT)
        {
            return null;
        }
    }

    // Where it can't be had for both, each family is tried alone: one may be free, and the message says which is not.
    private HeldPorts? TryBindBoth(PublishedPort port)
    {
        if (port.Protocol == TransportProtocol.Sctp)
        {
            return null;
        }

        try
        {
            return new HeldPorts(PortReservation.Bind(_netns, BlockOf(port) with { Address = IPAddress.IPv6Any, IsOfBothFamilies = true }));
        }
        catch (KernelException e) when (e.Errno is Errno.EMFILE or Errno.ENFILE)
        {
            throw NoDescriptor(e);
        }
        catch (KernelException)
        {
            return null;
        }
    }

    private static PortBlock BlockOf(PublishedPort port) => new(port.HostAddress, port.HostPorts.First, port.HostPorts.Count, (ProtocolType)port.Protocol);

    private static RefusedException NoDescriptor(KernelException e) => new(
        FailureReason.Exhausted,
        "ports",
        $"port {e.Subject} can't be held: each published port of the host is a descriptor of the daemon, and it has no more ({e.Errno}); "
        + "publish fewer, or raise LimitNOFILE of resolverd.service",
        e);

    /// <inheritdoc/>
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

        _relays.Dispose();
    }
}
