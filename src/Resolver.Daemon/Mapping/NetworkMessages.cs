// SPDX-License-Identifier: Apache-2.0

using Google.Protobuf.WellKnownTypes;
using Resolver.Control;
using Messages = Resolver.Contract.V1;
using Network = Resolver.Core.Networks.Network;

namespace Resolver.Daemon.Mapping;

/// <summary>Networks as messages.</summary>
internal static class NetworkMessages
{
    /// <summary>One network.</summary>
    public static Messages.Network From(DesiredState state, Network network)
    {
        Messages.Network message = new()
        {
            Id = network.Id.Value,
            Name = network.Name.Value,
            Bridge = network.Bridge.Value,
            CreatedAt = Timestamp.FromDateTimeOffset(network.CreatedAt),
            IsDefault = network.IsDefault,
            EndpointCount = (uint)state.EndpointsOfNetwork(network.Id).Length,
        };
        message.ForwardSingleLabels = network.ForwardsSingleLabels;
        message.NameTtl = network.NameTtl is { } ttl ? Duration.FromTimeSpan(ttl) : null;
        if (network.Mtu is { } mtu)
        {
            message.Mtu = (uint)mtu;
        }

        if (network.AddressAnnouncements is { } announcements)
        {
            message.AddressAnnouncements = (uint)announcements;
        }

        message.AddressAnnouncementInterval = Duration.FromTimeSpan(network.AddressAnnouncementInterval);
        message.Policy = Policies.From(network.Policy);
        message.PublishAddress = network.PublishAddress?.ToString() ?? "";
        message.Subnets.AddRange(network.Subnets.Select(From));
        message.Upstreams.AddRange(network.Upstreams.Select(upstream => upstream.ToString()));
        message.Search.AddRange(network.Search.Select(domain => domain.Value));
        message.Labels.Add(network.Labels);
        return message;
    }

    private static Messages.NetworkSubnet From(Core.Networks.NetworkSubnet subnet)
    {
        Messages.NetworkSubnet message = new()
        {
            Subnet = subnet.Subnet.ToString(),
            Gateway = subnet.Gateway?.ToString() ?? "",
            IpRange = subnet.Range?.ToString() ?? "",
        };
        message.Reserved.AddRange(subnet.Reserved.Select(address => address.ToString()));
        return message;
    }

    /// <summary>All networks, the default one first, then by name.</summary>
    public static IEnumerable<Messages.Network> All(DesiredState state) => state.Networks.Values
        .OrderByDescending(network => network.IsDefault)
        .ThenBy(network => network.Name.Value, StringComparer.OrdinalIgnoreCase)
        .Select(network => From(state, network));
}
