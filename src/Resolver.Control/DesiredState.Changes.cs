// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;
using Resolver.Store;

namespace Resolver.Control;

public sealed partial record DesiredState
{
    private static readonly StringComparer IdOrder = StringComparer.Ordinal;

    /// <summary>The state that a store holds.</summary>
    /// <exception cref="RefusedException">Unavailable: an object refers to one that is not there; the message names both.</exception>
    public static DesiredState Of(StoredState stored)
    {
        IEnumerable<StoreOperation> operations =
        [
            .. stored.Networks.Select(network => new StoreOperation.PutNetwork(network)),
            .. stored.Sandboxes.Select(sandbox => new StoreOperation.PutSandbox(sandbox)),
            .. stored.Endpoints.OrderBy(EndpointKey.Of).Select(endpoint => new StoreOperation.PutEndpoint(endpoint)),
            .. stored.Registrations.Select(registration => new StoreOperation.PutRegistration(registration)),
        ];
        return new DesiredState().Apply(operations) with { Revision = stored.Revision };
    }

    /// <summary>The state after these operations, in their order: objects before those that refer to them, and the reverse when they go.</summary>
    internal DesiredState Apply(IEnumerable<StoreOperation> operations) => operations.Aggregate(this, (state, operation) => state.Apply(operation));

    private DesiredState Apply(StoreOperation operation) => operation switch
    {
        StoreOperation.PutNetwork put => Without(Networks.GetValueOrDefault(put.Network.Id)).With(put.Network),
        StoreOperation.DeleteNetwork delete => Without(Networks.GetValueOrDefault(delete.Id)).WithoutIndex(delete.Id),
        StoreOperation.PutSandbox put => Without(Sandboxes.GetValueOrDefault(put.Sandbox.Id)).With(put.Sandbox),
        StoreOperation.DeleteSandbox delete => Without(Sandboxes.GetValueOrDefault(delete.Id)),
        StoreOperation.PutEndpoint put =>
            Without(Endpoints.GetValueOrDefault(put.Endpoint.Id)).With(put.Endpoint, isNew: !Endpoints.ContainsKey(put.Endpoint.Id)),
        StoreOperation.DeleteEndpoint delete => Without(Endpoints.GetValueOrDefault(delete.Id)),
        StoreOperation.PutRegistration put =>
            Without(Registrations.GetValueOrDefault((put.Registration.NetworkId, put.Registration.Name))).With(put.Registration),
        StoreOperation.DeleteRegistration delete => Without(Registrations.GetValueOrDefault((delete.NetworkId, delete.Name))),
        _ => throw new ArgumentException($"{operation.GetType().Name} is no store operation", nameof(operation)),
    };

    private DesiredState With(Network network) => this with
    {
        Networks = Networks.SetItem(network.Id, network),
        _networkNames = _networkNames.SetItem(network.Name, network.Id),
        _networkIds = _networkIds.Add(network.Id.Value),
        _subnets = _subnets.Union(network.Subnets.Select(subnet => SubnetKey.Of(subnet.Subnet, network.Id))),
        _byNetwork = _byNetwork.ContainsKey(network.Id) ? _byNetwork : _byNetwork.Add(network.Id, NetworkIndex.Empty),
    };

    private DesiredState Without(Network? network) => network is null ? this : this with
    {
        Networks = Networks.Remove(network.Id),
        _networkNames = _networkNames.Remove(network.Name),
        _networkIds = _networkIds.Remove(network.Id.Value),
        _subnets = _subnets.Except(network.Subnets.Select(subnet => SubnetKey.Of(subnet.Subnet, network.Id))),
    };

    private DesiredState WithoutIndex(ObjectId network) => this with { _byNetwork = _byNetwork.Remove(network) };

    private DesiredState With(Sandbox sandbox) => this with
    {
        Sandboxes = Sandboxes.SetItem(sandbox.Id, sandbox),
        _sandboxNames = _sandboxNames.SetItem(sandbox.Name, sandbox.Id),
        _sandboxIds = _sandboxIds.Add(sandbox.Id.Value),
        _sandboxesByNetns = _sandboxesByNetns.SetItem(sandbox.Netns, sandbox.Id),
    };

    private DesiredState Without(Sandbox? sandbox) => sandbox is null ? this : this with
    {
        Sandboxes = Sandboxes.Remove(sandbox.Id),
        _sandboxNames = _sandboxNames.Remove(sandbox.Name),
        _sandboxIds = _sandboxIds.Remove(sandbox.Id.Value),
        _sandboxesByNetns = _sandboxesByNetns.TryGetValue(sandbox.Netns, out ObjectId id) && id == sandbox.Id
            ? _sandboxesByNetns.Remove(sandbox.Netns)
            : _sandboxesByNetns,
    };

    private DesiredState With(Endpoint endpoint, bool isNew)
    {
        EndpointKey key = EndpointKey.Of(endpoint);
        NetworkIndex index = IndexFor(endpoint.NetworkId, $"endpoint {endpoint.Id.ShortId}");
        index = index with
        {
            Endpoints = index.Endpoints.Add(key),
            Addresses = index.Addresses.SetItems(endpoint.Addresses.Select(address => KeyValuePair.Create(address, endpoint.Id))),
            Macs = index.Macs.SetItem(endpoint.Mac, endpoint.Id),
            LastAddresses = isNew ? endpoint.Addresses : index.LastAddresses,
        };
        Sandbox sandbox = Sandboxes.GetValueOrDefault(endpoint.SandboxId)
            ?? throw Dangling($"endpoint {endpoint.Id.ShortId}", $"sandbox {endpoint.SandboxId.ShortId}");
        return this with
        {
            Endpoints = Endpoints.SetItem(endpoint.Id, endpoint),
            _byNetwork = _byNetwork.SetItem(
                endpoint.NetworkId, endpoint.Phase == EndpointPhase.Settled ? index.Publish(NameOwner.Of(endpoint, sandbox)) : index),
            _bySandbox = _bySandbox.SetItem(endpoint.SandboxId, _bySandbox.GetValueOrDefault(endpoint.SandboxId, []).Add(key)),
            _ports = PortsOfHost(endpoint).Aggregate(_ports, (ports, port) => WithPort(ports, port, endpoint.Id)),
        };
    }

    private DesiredState Without(Endpoint? endpoint)
    {
        if (endpoint is null)
        {
            return this;
        }

        EndpointKey key = EndpointKey.Of(endpoint);
        NetworkIndex index = _byNetwork[endpoint.NetworkId];
        index = index with
        {
            Endpoints = index.Endpoints.Remove(key),
            Addresses = index.Addresses.RemoveRange(endpoint.Addresses),
            Macs = index.Macs.Remove(endpoint.Mac),
        };
        ImmutableSortedSet<EndpointKey> ofSandbox = _bySandbox[endpoint.SandboxId].Remove(key);
        return this with
        {
            Endpoints = Endpoints.Remove(endpoint.Id),
            _byNetwork = _byNetwork.SetItem(endpoint.NetworkId, index.Unpublish(NameOwner.Of(endpoint, Sandboxes[endpoint.SandboxId]))),
            _bySandbox = ofSandbox.IsEmpty ? _bySandbox.Remove(endpoint.SandboxId) : _bySandbox.SetItem(endpoint.SandboxId, ofSandbox),
            _ports = PortsOfHost(endpoint).Aggregate(_ports, (ports, port) => WithoutPort(ports, port, endpoint.Id)),
        };
    }

    private DesiredState With(Registration registration)
    {
        NetworkIndex index = IndexFor(registration.NetworkId, $"registration {registration.Name}");
        index = index with { Registrations = index.Registrations.Add(registration.Name) };
        return this with
        {
            Registrations = Registrations.SetItem((registration.NetworkId, registration.Name), registration),
            _byNetwork = _byNetwork.SetItem(registration.NetworkId, index.Publish(NameOwner.Of(registration))),
        };
    }

    private DesiredState Without(Registration? registration)
    {
        if (registration is null)
        {
            return this;
        }

        NetworkIndex index = _byNetwork[registration.NetworkId];
        index = index with { Registrations = index.Registrations.Remove(registration.Name) };
        return this with
        {
            Registrations = Registrations.Remove((registration.NetworkId, registration.Name)),
            _byNetwork = _byNetwork.SetItem(registration.NetworkId, index.Unpublish(NameOwner.Of(registration))),
        };
    }

    private NetworkIndex IndexFor(ObjectId network, string what) =>
        _byNetwork.GetValueOrDefault(network) ?? throw Dangling(what, $"network {network.ShortId}");

    private static RefusedException Dangling(string what, string missing) =>
        new(FailureReason.Unavailable, "store", $"read store: {what} refers to {missing}, which is not there; restore a copy of the store");

    private IEnumerable<PublishedPort> PortsOfHost(Endpoint endpoint) =>
        endpoint.Ports.Where(port => Networks[endpoint.NetworkId].PublishesOnHost(port.Family));

    private static ImmutableDictionary<PortKey, ImmutableArray<PortOwner>> WithPort(
        ImmutableDictionary<PortKey, ImmutableArray<PortOwner>> ports, PublishedPort port, ObjectId endpoint) =>
        ports.SetItems(PortKey.Of(port).Select(key => KeyValuePair.Create(key, ports.GetValueOrDefault(key, []).Add(new PortOwner(port, endpoint)))));

    private static ImmutableDictionary<PortKey, ImmutableArray<PortOwner>> WithoutPort(
        ImmutableDictionary<PortKey, ImmutableArray<PortOwner>> ports, PublishedPort port, ObjectId endpoint)
    {
        foreach (PortKey key in PortKey.Of(port))
        {
            ImmutableArray<PortOwner> rest = ports.GetValueOrDefault(key, []).Remove(new PortOwner(port, endpoint));
            ports = rest.IsEmpty ? ports.Remove(key) : ports.SetItem(key, rest);
        }

        return ports;
    }
}
