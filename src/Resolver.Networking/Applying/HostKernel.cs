// SPDX-License-Identifier: Apache-2.0

using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables;
using Resolver.Linux.Sockets;
using Resolver.Linux.Sysctls;
using Resolver.Networking.Firewall;

namespace Resolver.Networking.Applying;

/// <summary>The host namespace, open: rtnetlink, the one libnftables context, parameters and reserved ports. Thread-safe.</summary>
internal sealed class HostKernel : IDisposable
{
    private readonly NetworkNamespace _netns;
    private readonly NftablesContext _nftables;
    private readonly Lock _nftablesLock = new();
    private readonly Dictionary<ObjectId, List<PortReservation>> _reserved = [];
    private bool _isInstalled;

    private HostKernel(NetworkNamespace netns, NftablesContext nftables, RouteSocket route)
    {
        _netns = netns;
        _nftables = nftables;
        Route = route;
    }

    internal RouteSocket Route { get; }

    /// <summary>Opens the calling thread's namespace.</summary>
    internal static HostKernel Open()
    {
        NftablesContext nftables = new();
        return new HostKernel(NetworkNamespace.OpenCurrent(), nftables, RouteSocket.Open());
    }

    /// <summary>Runs one transaction on our table, which is made first if this process has not done so.</summary>
    internal string RunRules(string commands)
    {
        lock (_nftablesLock)
        {
            if (_isInstalled)
            {
                try
                {
                    return _nftables.Run(commands);
                }
                catch (KernelException e) when (e.Errno is Errno.ENOENT)
                {
                    // Somebody flushed the ruleset: make the table again below. Nothing of a refused transaction was applied.
                    _isInstalled = false;
                }
            }

            _nftables.Run(HostRules.Install);
            _isInstalled = true;
            return _nftables.Run(commands);
        }
    }

    internal string? ReadSysctl(string key) => NamespaceThread.Run(_netns, () => Sysctl.Read(key));

    internal void WriteSysctl(string key, string value) => NamespaceThread.Run(_netns, () => _ = Sysctl.Write(key, value));

    internal bool HasReservedPorts(ObjectId endpoint)
    {
        lock (_reserved)
        {
            return _reserved.ContainsKey(endpoint);
        }
    }

    /// <summary>Binds all ports of an endpoint, or none.</summary>
    /// <exception cref="RefusedException">A process of the host has one of them.</exception>
    internal void ReservePorts(ObjectId endpoint, IEnumerable<PublishedPort> ports)
    {
        List<PortReservation> bound = [];
        try
        {
            NamespaceThread.Run(_netns, () =>
            {
                foreach (PublishedPort port in ports)
                {
                    bound.Add(Reserve(port));
                }
            });
        }
        catch
        {
            bound.ForEach(reservation => reservation.Dispose());
            throw;
        }

        lock (_reserved)
        {
            _reserved[endpoint] = bound;
        }
    }

    internal void ReleasePorts(ObjectId endpoint)
    {
        List<PortReservation>? bound;
        lock (_reserved)
        {
            _reserved.Remove(endpoint, out bound);
        }

        bound?.ForEach(reservation => reservation.Dispose());
    }

    public void Dispose()
    {
        lock (_reserved)
        {
            foreach (PortReservation reservation in _reserved.Values.SelectMany(bound => bound))
            {
                reservation.Dispose();
            }

            _reserved.Clear();
        }

        _nftables.Dispose();
        Route.Dispose();
        _netns.Dispose();
    }

    private static PortReservation Reserve(PublishedPort port)
    {
        string protocol = port.Protocol == TransportProtocol.Tcp ? "tcp" : "udp";
        string subject = $"port {port.HostAddress}:{port.HostPort}/{protocol}";
        try
        {
            return PortReservation.Bind(
                new System.Net.IPEndPoint(port.HostAddress, port.HostPort), port.Protocol == TransportProtocol.Tcp ? ProtocolType.Tcp : ProtocolType.Udp);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRINUSE)
        {
            throw new RefusedException(
                FailureReason.AlreadyExists, subject, $"{subject} is taken by another process on this host; choose another host port or stop it", e);
        }
        catch (KernelException e) when (e.Errno is Errno.EADDRNOTAVAIL)
        {
            throw new RefusedException(
                FailureReason.InvalidArgument, "ports", $"{subject}: the host has no address {port.HostAddress}; publish on one that it has", e);
        }
    }
}
