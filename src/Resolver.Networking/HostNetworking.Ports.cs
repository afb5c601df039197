// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Networking.Planning;
using Resolver.Networking.Publishing;

namespace Resolver.Networking;

/// <content>The host's ports: held for endpoints, so that nobody else takes them; given up to who took one while nobody held it.</content>
public sealed partial class HostNetworking
{
    // What should be published and is another process's. A port that is not held and not here is about to come or to go.
    private readonly ConcurrentDictionary<ObjectId, ImmutableArray<PublishedPort>> _unpublished = new();

    /// <summary>The endpoints some ports of which are another process's; <see cref="Repair(DesiredEndpoint, SandboxAccess)"/> tries again.</summary>
    public ImmutableArray<ObjectId> UnpublishedEndpoints => [.. _unpublished.Keys];

    /// <summary>
    /// Holds the ports of endpoints that were published before. One that another process took while nobody held it is that one's, with all others of
    /// the same endpoint: rules that lead elsewhere would cut it off. It is logged, and they are not published until it is free.
    /// </summary>
    public void HoldPorts(IEnumerable<(Endpoint Endpoint, Network Network)> endpoints)
    {
        foreach ((Endpoint endpoint, Network network) in endpoints)
        {
            ImmutableArray<PublishedPort> missing = NotHeld(endpoint, network);
            if (missing.IsEmpty)
            {
                continue;
            }

            try
            {
                _host.Ports.Keep(endpoint.Id, _host.Ports.Reserve(missing));
            }
            catch (RefusedException e)
            {
                _unpublished[endpoint.Id] = missing;
                LogNotHeld(endpoint.HostLink.Value, network.Name.Value, e.Message);
            }
        }
    }

    /// <summary>Publishes other ports of an endpoint that is there: one transaction of the firewall, however many come and go.</summary>
    /// <param name="before">The endpoint with the ports that it has.</param>
    /// <param name="after">The same with those that it should have.</param>
    /// <param name="cancellationToken">Ends the wait, not a step half-way.</param>
    /// <exception cref="RefusedException">A port is taken by another process.</exception>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    public ValueTask RepublishAsync(DesiredEndpoint before, Endpoint after, CancellationToken cancellationToken) => Run(
        () =>
        {
            Publish(before, Published(after));
            if (_unpublished.TryGetValue(after.Id, out ImmutableArray<PublishedPort> unpublished))
            {
                MarkUnpublished(after.Id, [.. unpublished.Intersect(after.Ports)]);
            }
        },
        cancellationToken);

    /// <summary>
    /// Chooses and binds ports of the host, all or none, before anything else changes: a conflict is known while there is nothing to undo.
    /// </summary>
    /// <param name="requests">What is wanted.</param>
    /// <param name="network">The network whose endpoint they are for: its families and its default address.</param>
    /// <returns>The ports, held until they are kept for an endpoint or disposed of.</returns>
    /// <exception cref="RefusedException">A port is taken, the host has no such address, or the network publishes nothing.</exception>
    public ReservedPorts ReservePorts(ImmutableArray<PublishRequest> requests, Network network) => new PortChoice(_host.Ports, network).Reserve(requests);

    /// <summary>The ports that requests name outright, held or not. Pure.</summary>
    public static ImmutableArray<PublishedPort> NamedPorts(ImmutableArray<PublishRequest> requests, Network network) => PortChoice.Named(requests, network);

    /// <summary>Holds ports for an endpoint until it is removed, or <see cref="ReleasePorts(ObjectId)"/>.</summary>
    public void KeepPorts(ObjectId endpoint, ReservedPorts ports) => _host.Ports.Keep(endpoint, ports);

    /// <summary>Lets the ports of an endpoint go; none is no error.</summary>
    public void ReleasePorts(ObjectId endpoint) => _host.Ports.Release(endpoint);

    /// <summary>Lets some ports of an endpoint go; those that it does not hold are no error.</summary>
    public void ReleasePorts(ObjectId endpoint, ImmutableArray<PublishedPort> ports) => _host.Ports.Release(endpoint, ports);

    /// <summary>Publishes what another process had, if it has let it go.</summary>
    /// <exception cref="Linux.KernelException">The kernel refused; what was done is undone.</exception>
    private void PublishWhatIsFree(DesiredEndpoint desired)
    {
        if (!_unpublished.TryGetValue(desired.Endpoint.Id, out ImmutableArray<PublishedPort> unpublished))
        {
            return;
        }

        ReservedPorts ports;
        try
        {
            ports = _host.Ports.Reserve(unpublished);
        }
        catch (RefusedException)
        {
            return; // Still another's, which was logged when it was found out.
        }

        _host.Ports.Keep(desired.Endpoint.Id, ports);
        try
        {
            Publish(desired, desired.Endpoint);
        }
        catch
        {
            _host.Ports.Release(desired.Endpoint.Id, unpublished);
            throw;
        }

        MarkUnpublished(desired.Endpoint.Id, []);
        LogFree(desired.Endpoint.HostLink.Value, desired.Network.Name.Value);
    }

    private void Publish(DesiredEndpoint before, Endpoint after)
    {
        before = before with { Endpoint = Published(before.Endpoint) };
        _executor.Apply(PublishPlanner.Plan(before, after, _host.Ports.Of(after.Id)), null, () => _host.Ports.Relay(after));
    }

    private void MarkUnpublished(ObjectId endpoint, ImmutableArray<PublishedPort> ports)
    {
        if (ports.IsEmpty)
        {
            _unpublished.TryRemove(endpoint, out _);
        }
        else
        {
            _unpublished[endpoint] = ports;
        }
    }

    private Endpoint Published(Endpoint endpoint) => _unpublished.TryGetValue(endpoint.Id, out ImmutableArray<PublishedPort> unpublished)
        ? endpoint with { Ports = [.. endpoint.Ports.Except(unpublished)] }
        : endpoint;

    private Endpoint WithHeldPorts(Endpoint endpoint, Network network) =>
        endpoint with { Ports = [.. endpoint.Ports.Except(NotHeld(endpoint, network))] };

    private ImmutableArray<PublishedPort> NotHeld(Endpoint endpoint, Network network) => endpoint.Ports.IsEmpty
        ? []
        : [.. endpoint.Ports.Where(port => network.PublishesOnHost(port.Family)).Except(_host.Ports.Of(endpoint.Id))];

    [LoggerMessage(
        EventId = 12, Level = LogLevel.Warning, Message = "The ports of {Link} on {Network} are not published: {Reason}; they are when they are free")]
    private partial void LogNotHeld(string link, string network, string reason);

    [LoggerMessage(EventId = 13, Level = LogLevel.Information, Message = "The ports of {Link} on {Network} are free again and published")]
    private partial void LogFree(string link, string network);
}
