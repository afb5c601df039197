// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Linux.Nftables;
using Resolver.Networking.Announcing;
using Resolver.Networking.Applying;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Firewall;
using Resolver.Networking.Observing;
using Resolver.Networking.Planning;

namespace Resolver.Networking;

/// <summary>
/// Carries desired state to the kernel of the host namespace: observe, plan (pure), apply with computed inverses. Each method is all or
/// nothing: on failure what it did is undone and the exception says why. Create, repair, adopt and remove are the same code.
/// Thread-safe; the caller keeps calls for one network in order.
/// </summary>
public sealed partial class HostNetworking : IDisposable
{
    private readonly HostKernel _host;
    private readonly Observer _observer;
    private readonly PlanExecutor _executor;
    private readonly Announcer _announcer;
    private readonly ForeignRules _foreign;
    private readonly HostSettings _settings;
    private readonly HostNetworkingOptions _options;
    private readonly ILogger _logger;

    private HostNetworking(HostKernel host, HostNetworkingOptions options, TimeProvider timeProvider, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _settings = new HostSettings(host, options.SettingsPath);
        _foreign = new ForeignRules(host, _settings, logger);
        _announcer = new Announcer(host, timeProvider, logger);
        _host = host;
        _observer = new Observer(host);
        _executor = new PlanExecutor(host, _settings, logger);
    }

    /// <summary>Opens the kernel interfaces in the calling thread's namespace, which is the host namespace from then on.</summary>
    /// <param name="logger">Where failures go that nobody waits for.</param>
    /// <param name="options">How to treat the host; null for the defaults.</param>
    /// <param name="timeProvider">The clock of what is repeated; null for the system's.</param>
    /// <exception cref="Linux.KernelException">libnftables is missing, or a capability is.</exception>
    /// <exception cref="IOException">The file of changed settings can't be read.</exception>
    public static HostNetworking Open(ILogger<HostNetworking> logger, HostNetworkingOptions? options = null, TimeProvider? timeProvider = null) =>
        new(HostKernel.Open(logger), options ?? new HostNetworkingOptions(), timeProvider ?? TimeProvider.System, logger);

    /// <summary>What chains of other programs do to our traffic or leave open, as it was found last: one line each, with what to do.</summary>
    public ImmutableArray<string> ForeignWarnings => _foreign.Warnings;

    /// <summary>Lets our traffic through DOCKER-USER where Docker has made that chain, and looks for chains of others that drop it. Failures are logged.</summary>
    public void LookAtForeignRules() => _foreign.Look(_options.UsesDockerUser);

    /// <summary>The same for rules of iptables-legacy(8), whose changes nobody announces: cheap where there are none.</summary>
    public void LookAtLegacyRules() => _foreign.LookAtLegacy(_options.UsesDockerUser);

    /// <summary>The prefixes that the host has routes or addresses for (the default route left out).</summary>
    /// <param name="own">Prefixes of networks that are known, which are left out as well.</param>
    public ImmutableArray<Subnet> HostPrefixes(IReadOnlySet<Subnet> own)
    {
        IEnumerable<Subnet> routes = _host.Route.Routes()
            .Where(route => route.Destination.PrefixLength > 0)
            .Select(route => Subnet.Of(route.Destination.BaseAddress, route.Destination.PrefixLength));
        IEnumerable<Subnet> addresses = _host.Route.Addresses()
            .Where(entry => !IsLinkLocal(entry.Address))
            .Select(entry => Subnet.Of(entry.Address, entry.PrefixLength));
        return [.. routes.Concat(addresses).Where(prefix => !own.Contains(prefix)).Distinct()];
    }

    /// <summary>True if our tables are there.</summary>
    public bool HasTables => _host.TryList($"list chain {HostTables.Table} forward") is not null && _host.TryList($"list chain {HostTables.BridgeTable} guard") is not null;

    /// <summary>
    /// Makes our tables exactly what these networks and endpoints need, in one transaction: what is missing comes back, what should not be there
    /// goes, and connections that are established go on. Ports of the host that are not held for their endpoint are not published.
    /// </summary>
    /// <exception cref="Linux.KernelException">The kernel refused; the tables are as they were.</exception>
    public void RebuildTables(IEnumerable<Network> networks, IEnumerable<(Endpoint Endpoint, Network Network)> endpoints) => _host.Rebuild(
        networks.SelectMany(network => NetworkElements.Of(network))
            .Concat(endpoints.SelectMany(placed => EndpointElements.Of(WithHeldPorts(placed.Endpoint, placed.Network), placed.Network))));

    /// <summary>
    /// Takes away what does not belong to one network: our tables, our rules in DOCKER-USER, and the settings of the host that we changed and that
    /// still have our value.
    /// </summary>
    /// <returns>A line for each setting: what it is now, and why.</returns>
    /// <exception cref="Linux.KernelException">The kernel refused the tables' removal.</exception>
    public ImmutableArray<string> Uninstall()
    {
        _host.RemoveTables();
        _foreign.Withdraw();
        return _settings.RestoreAll(key => _foreign.HasDocker && key is (NetworkPlanner.IPv4Forwarding or NetworkPlanner.IPv6Forwarding));
    }

    /// <summary>Hears what others do to the host's ruleset, and tells which of our concerns it touches.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused.</exception>
    public RulesWatch WatchRules() => new(_host.In(RulesetWatch.Open), _host);

    /// <summary>Makes the bridge, its addresses, forwarding and the network's elements in table <c>inet resolver</c> as desired, or removes them.</summary>
    /// <exception cref="Core.Failures.RefusedException">A link that is not ours has the bridge's name.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public ValueTask ConvergeAsync(DesiredNetwork desired, CancellationToken cancellationToken)
    {
        return Run(
            () =>
            {
                _executor.Apply(NetworkPlanner.Plan(desired, _observer.Observe(desired.Network)), null);
                if (!desired.Present)
                {
                    _announcer.ForgetNetwork(desired.Network.Id);
                }
            },
            cancellationToken);
    }

    /// <summary>Makes one endpoint as desired (veth, addresses, default route, published ports), or removes it.</summary>
    /// <param name="desired">The endpoint.</param>
    /// <param name="access">The sandbox; null when its namespace is gone (then only removal is possible, and the host's side is removed).</param>
    /// <param name="cancellationToken">Ends the wait, not a step half-way.</param>
    /// <exception cref="Core.Failures.RefusedException">A port is taken by another process, a link's name by another link, the bridge or the namespace is gone.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public ValueTask ConvergeAsync(DesiredEndpoint desired, SandboxAccess? access, CancellationToken cancellationToken)
    {
        return Run(() => Converge(desired, access), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _announcer.Dispose();
        _host.Dispose();
    }

    private void Converge(DesiredEndpoint desired, SandboxAccess? access)
    {
        if (!desired.Present)
        {
            _announcer.Forget(desired.Endpoint.Id);
            _unpublished.TryRemove(desired.Endpoint.Id, out _);
        }

        desired = desired with { Endpoint = Published(desired.Endpoint) };
        Apply(desired, EndpointPlanner.Plan(desired, _observer.Observe(desired, access)), access);
    }

    private void Apply(DesiredEndpoint desired, ImmutableArray<KernelStep> plan, SandboxAccess? access)
    {
        _executor.Apply(plan, access, () => _host.Ports.Relay(desired.Endpoint));
        if (desired.Present && plan.Any(step => step is KernelStep.CreateVeth or KernelStep.AddAddress or KernelStep.SetMaster))
        {
            _announcer.Announce(desired);
        }
        else if (desired.Present)
        {
            _announcer.Note(desired);
        }
    }

    // Half a millisecond of netlink: cheaper done here than handed to another thread. A failure travels in the task, as callers expect.
    private static ValueTask Run(Action work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            work();
            return ValueTask.CompletedTask;
        }
        catch (Exception e) when (e is Linux.KernelException or Core.Failures.RefusedException)
        {
            return ValueTask.FromException(e);
        }
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? address.IsIPv6LinkLocal || IPAddress.IsLoopback(address) : IPAddress.IsLoopback(address);
}
