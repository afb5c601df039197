// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Conntrack;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables;
using Resolver.Linux.Sysctls;
using Resolver.Networking.Firewall;
using Resolver.Networking.Publishing;

namespace Resolver.Networking.Applying;

/// <summary>The host namespace, open: rtnetlink, the one libnftables context, parameters and reserved ports. Thread-safe.</summary>
internal sealed class HostKernel : IDisposable
{
    private readonly NetworkNamespace _netns;
    private readonly NftablesContext _nftables;
    private readonly Lock _nftablesLock = new();
    private bool _isInstalled;

    private HostKernel(NetworkNamespace netns, NftablesContext nftables, RouteSocket route)
    {
        _netns = netns;
        _nftables = nftables;
        Route = route;
        Ports = new HostPorts(netns);
    }

    internal RouteSocket Route { get; }

    /// <summary>The host's ports that are held for endpoints.</summary>
    internal HostPorts Ports { get; }

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

            _nftables.Run(HostTables.Install);
            _isInstalled = true;
            return _nftables.Run(commands);
        }
    }

    /// <summary>Makes our tables what they should be in one transaction, so that no packet meets less: rules anew, and these elements and no others.</summary>
    internal void Rebuild(string elements)
    {
        lock (_nftablesLock)
        {
            _nftables.Run(HostTables.Install + HostTables.Flush + elements);
            _isInstalled = true;
        }
    }

    /// <summary>Takes our tables away.</summary>
    internal void RemoveTables()
    {
        lock (_nftablesLock)
        {
            _nftables.Run(HostTables.Remove);
            _isInstalled = false;
        }
    }

    /// <summary>True if a `get element` finds all that it asks for.</summary>
    internal bool HasElements(string commands)
    {
        lock (_nftablesLock)
        {
            try
            {
                _ = _nftables.Run(commands);
                return true;
            }
            catch (KernelException e) when (e.Errno is Errno.ENOENT)
            {
                return false; // The element, the set or the whole table.
            }
        }
    }

    /// <summary>What a `list` prints; null if there is no such thing.</summary>
    internal string? TryList(string command)
    {
        lock (_nftablesLock)
        {
            try
            {
                return _nftables.Run(command);
            }
            catch (KernelException e) when (e.Errno is Errno.ENOENT)
            {
                return null;
            }
        }
    }

    /// <summary>Runs in the host's namespace.</summary>
    internal T In<T>(Func<T> function) => NamespaceThread.Run(_netns, function);

    internal ConntrackSocket OpenConntrack() => NamespaceThread.Run(_netns, () => new ConntrackSocket());

    /// <summary>Reads parameters; the value of one that this kernel does not have is null.</summary>
    internal ImmutableArray<(string Key, string? Value)> ReadSysctls(IEnumerable<string> keys) =>
        NamespaceThread.Run(_netns, () => keys.Select(key => (key, Sysctl.Read(key))).ToImmutableArray());

    internal void WriteSysctl(string key, string value, bool isOptional) => NamespaceThread.Run(_netns, () =>
    {
        if (!isOptional || Sysctl.Read(key) is not null)
        {
            _ = Sysctl.Write(key, value);
        }
    });

    public void Dispose()
    {
        Ports.Dispose();
        _nftables.Dispose();
        Route.Dispose();
        _netns.Dispose();
    }
}
