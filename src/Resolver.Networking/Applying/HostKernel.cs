// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Conntrack;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables;
using Resolver.Linux.Nftables.Batches;
using Resolver.Linux.Sysctls;
using Resolver.Networking.Firewall;
using Resolver.Networking.Publishing;

namespace Resolver.Networking.Applying;

/// <summary>The host namespace, open: rtnetlink, the one libnftables context, a socket for elements, parameters and reserved ports. Thread-safe.</summary>
internal sealed class HostKernel : IDisposable
{
    private readonly NetworkNamespace _netns;
    private readonly NftablesContext _nftables;
    private readonly NftablesSocket _elements = new();
    private readonly Lock _nftablesLock = new();
    private readonly OwnTransactions _own;
    private bool _isInstalled;

    private HostKernel(NetworkNamespace netns, NftablesContext nftables, RouteSocket route, ILogger logger)
    {
        _netns = netns;
        _nftables = nftables;
        Route = route;
        Ports = new HostPorts(netns, logger);
        _own = new OwnTransactions(_elements.PortId);
    }

    internal RouteSocket Route { get; }

    /// <summary>The host's ports that are held for endpoints.</summary>
    internal HostPorts Ports { get; }

    /// <summary>Opens the calling thread's namespace.</summary>
    internal static HostKernel Open(ILogger logger)
    {
        NftablesContext nftables = new();
        return new HostKernel(NetworkNamespace.OpenCurrent(), nftables, RouteSocket.Open(), logger);
    }

    /// <summary>
    /// Changes elements of our tables in one transaction; the tables are made first if this process has not done so. What should go and is gone is no
    /// error, nor is what should come and is there.
    /// </summary>
    internal void ChangeElements(IReadOnlyCollection<SetElement> gone, IReadOnlyCollection<SetElement> wanted)
    {
        lock (_nftablesLock)
        {
            if (_isInstalled)
            {
                try
                {
                    Commit(Change([], gone, wanted));
                    return;
                }
                catch (KernelException e) when (e.Errno is Errno.ENOENT)
                {
                    // Something that should go is gone, or somebody flushed the ruleset. Nothing of a refused transaction was applied.
                    _isInstalled = false;
                }
            }

            Run(HostTables.Install);
            _isInstalled = true;
            Commit(Change(gone, gone, wanted));
        }
    }

    private void Commit(NftablesBatch batch)
    {
        _elements.Commit(batch);
        _own.NoteCommit();
    }

    private void Run(string commands, bool isRebuild = false)
    {
        uint before = _elements.Generation();
        _ = _nftables.Run(commands);
        _own.NoteRun(before, _elements.Generation(), isRebuild);
    }

    // Of what is made first, nothing is missing when it is deleted.
    private static NftablesBatch Change(
        IReadOnlyCollection<SetElement> first, IReadOnlyCollection<SetElement> gone, IReadOnlyCollection<SetElement> wanted)
    {
        NftablesBatch batch = new();
        batch.AddElements(first);
        batch.DeleteElements(gone);
        batch.AddElements(wanted);
        return batch;
    }

    /// <summary>Makes our tables what they should be in one transaction, so that no packet meets less: rules anew, and these elements and no others.</summary>
    internal void Rebuild(IEnumerable<SetElement> elements)
    {
        lock (_nftablesLock)
        {
            Run(HostTables.Install + HostTables.Flush + ElementText.Add(elements), isRebuild: true);
            _isInstalled = true;
        }
    }

    /// <summary>Takes our tables away.</summary>
    internal void RemoveTables()
    {
        lock (_nftablesLock)
        {
            Run(HostTables.Remove);
            _isInstalled = false;
        }
    }

    /// <summary>True if all these elements are in our tables, by their keys.</summary>
    internal bool HasElements(IReadOnlyCollection<SetElement> elements)
    {
        lock (_nftablesLock)
        {
            return _elements.HasElements(elements);
        }
    }

    /// <summary>Asks about our transactions, none of which is half-way meanwhile.</summary>
    internal T AskOwn<T>(Func<OwnTransactions, T> question)
    {
        lock (_nftablesLock)
        {
            return question(_own);
        }
    }

    /// <summary>True if nobody has changed the ruleset since we did; see <see cref="OwnTransactions.IsLast"/>.</summary>
    internal bool IsRulesetOurs()
    {
        lock (_nftablesLock)
        {
            return _own.IsLast(_elements.Generation());
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
        _elements.Dispose();
        Route.Dispose();
        _netns.Dispose();
    }
}
