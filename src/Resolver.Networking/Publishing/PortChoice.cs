// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Linux.Sockets;

namespace Resolver.Networking.Publishing;

/// <summary>Which ports of the host a request gets: those that it names, the first free one of several, or what the kernel chooses.</summary>
internal sealed class PortChoice
{
    /// <summary>How many an endpoint may ask for: each port of the host is a descriptor, and descriptors have an end.</summary>
    internal const int MaxPorts = 8192;

    // A port that the kernel chose on one address may be taken on the next.
    private const int MaxAttempts = 10;

    private readonly HostPorts _host;
    private readonly Network _network;

    internal PortChoice(HostPorts host, Network network)
    {
        _host = host;
        _network = network;
    }

    /// <summary>Chooses and binds for all requests, or none.</summary>
    internal ReservedPorts Reserve(ImmutableArray<PublishRequest> requests)
    {
        if (requests.IsEmpty)
        {
            return new ReservedPorts();
        }

        if (_network.Policy.IsInternal)
        {
            throw RefusedException.Invalid("ports", $"network {_network.Name} is internal: nothing comes in, so nothing can be published; leave the ports out");
        }

        int count = requests.Sum(request => request.EndpointPorts.Count);
        if (count > MaxPorts)
        {
            throw RefusedException.Invalid("ports", $"{count} published ports are more than the {MaxPorts} that one endpoint may have; publish fewer");
        }

        return _host.In(() =>
        {
            ReservedPorts reserved = new();
            try
            {
                foreach (PublishRequest request in requests)
                {
                    Reserve(request, reserved);
                }
            }
            catch
            {
                reserved.Dispose();
                throw;
            }

            return reserved;
        });
    }

    /// <summary>The ports that requests name outright.</summary>
    internal static ImmutableArray<PublishedPort> Named(ImmutableArray<PublishRequest> requests, Network network) =>
    [
        .. requests.Where(request => request.HostPorts?.Count == request.EndpointPorts.Count)
            .SelectMany(request => AddressesFor(request, network).Select(
                address => new PublishedPort(address, request.HostPorts!.Value, request.EndpointPorts, request.Protocol))),
    ];

    private void Reserve(PublishRequest request, ReservedPorts reserved)
    {
        ImmutableArray<IPAddress> addresses = AddressesFor(request, _network);
        IPAddress[] routed = [.. addresses.Where(address => !_network.PublishesOnHost(address.AddressFamily))];
        foreach (IPAddress address in routed)
        {
            // Reached at the endpoint's own address: no port of the host has a part in it.
            reserved.Add(new PublishedPort(address, request.EndpointPorts, request.EndpointPorts, request.Protocol));
        }

        addresses = addresses.RemoveRange(routed);
        if (addresses.IsEmpty)
        {
            return;
        }

        if (request.HostPorts is null)
        {
            for (int port = request.EndpointPorts.First; port <= request.EndpointPorts.Last; port++)
            {
                ReserveAny(request with { EndpointPorts = new PortRange((ushort)port, (ushort)port) }, addresses, reserved);
            }
        }
        else if (request.HostPorts.Value.Count == request.EndpointPorts.Count)
        {
            _host.Hold(addresses.Select(address => new PublishedPort(address, request.HostPorts.Value, request.EndpointPorts, request.Protocol)), reserved);
        }
        else
        {
            ReserveFirstFree(request, addresses, reserved);
        }
    }

    private static ImmutableArray<IPAddress> AddressesFor(PublishRequest request, Network network)
    {
        if ((request.HostAddress ?? network.PublishAddress) is not { } address)
        {
            return [.. new[] { IPAddress.Any, IPAddress.IPv6Any }.Where(any => network.SubnetOf(any.AddressFamily) is not null || IsRelayed(request, any, network))];
        }

        return network.SubnetOf(address.AddressFamily) is not null || IsRelayed(request, address, network)
            ? [address]
            : throw RefusedException.Invalid(
                "ports",
                $"port {address}:{request.HostPorts}: network {network.Name} has no {(address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} "
                + "subnet; publish on an address of the other family");
    }

    // The host's IPv6 addresses lead to a network without IPv6 as well, if the host has any.
    private static bool IsRelayed(PublishRequest request, IPAddress address, Network network) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && Socket.OSSupportsIPv6 && network.PublishesOnHost(AddressFamily.InterNetwork)
        && request.Protocol is (TransportProtocol.Tcp or TransportProtocol.Udp);

    private void ReserveFirstFree(PublishRequest request, ImmutableArray<IPAddress> addresses, ReservedPorts reserved)
    {
        PortRange wanted = request.HostPorts!.Value;
        for (int number = wanted.First; number <= wanted.Last; number++)
        {
            if (TryReserve((ushort)number, request, addresses, reserved))
            {
                return;
            }
        }

        throw RefusedException.Taken(
            $"ports {wanted}", $"ports {wanted}/{TransportProtocols.NameOf(request.Protocol)} are all taken on this host; give another range, or let the host choose");
    }

    private void ReserveAny(PublishRequest request, ImmutableArray<IPAddress> addresses, ReservedPorts reserved)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ushort number;
            using (PortReservation? chosen = _host.BindAny(addresses[0], request.Protocol))
            {
                number = chosen is null ? request.EndpointPorts.First : chosen.Block.First;
            }

            if (TryReserve(number, request, addresses, reserved))
            {
                return;
            }
        }

        throw RefusedException.Exhausted("ports", $"no port of this host was free on all of {string.Join(", ", addresses)} in {MaxAttempts} attempts; name one");
    }

    private bool TryReserve(ushort number, PublishRequest request, ImmutableArray<IPAddress> addresses, ReservedPorts reserved)
    {
        using ReservedPorts attempt = new();
        try
        {
            _host.Hold(addresses.Select(address => new PublishedPort(address, number, request.EndpointPorts.First, request.Protocol)), attempt);
            reserved.Take(attempt);
            return true;
        }
        catch (RefusedException e) when (e.Reason == FailureReason.AlreadyExists)
        {
            return false;
        }
    }
}
