// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Daemon.Mapping;

/// <summary>Requests about networks as changes.</summary>
internal static class NetworkRequests
{
    private const long MaxTtlSeconds = 86400;
    private const int MaxSubnets = 16; // How many make sense is for the admission to say.
    private const int MaxReserved = 64;
    private const uint MaxAnnouncements = 3;
    private static readonly TimeSpan MinAnnouncementInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxAnnouncementInterval = TimeSpan.FromSeconds(2);

    /// <summary>A network to create.</summary>
    /// <exception cref="RefusedException">A field makes no sense.</exception>
    public static CreateNetwork ToChange(CreateNetworkRequest request)
    {
        return new CreateNetwork(ObjectName.Parse(request.Name, "name"), Fields.Each(request.Subnets, "subnets", MaxSubnets, Subnets))
        {
            HasIPv4 = !request.NoIpv4,
            HasIPv6 = request.Ipv6,
            Bridge = Fields.Optional(request.Bridge, "bridge", InterfaceName.Parse),
            Mtu = request.HasMtu ? Fields.Mtu(request.Mtu, "mtu") : null,
            Upstreams = Fields.Each(request.Upstreams, "upstreams", Fields.MaxServers, Upstream.Parse),
            Search = Fields.Each(request.Search, "search", Fields.MaxServers, DnsName.Parse),
            NameTtl = request.NameTtl is null ? null : NameTtl(request.NameTtl),
            ForwardsSingleLabels = request.ForwardSingleLabels,
            Policy = request.Policy is null ? Core.Networks.TrafficPolicy.Default : Policies.From(request.Policy),
            PublishAddress = Fields.Optional(request.PublishAddress, "publish_address", Fields.Address),
            AddressAnnouncements = request.HasAddressAnnouncements ? Announcements(request.AddressAnnouncements) : null,
            AddressAnnouncementInterval = request.AddressAnnouncementInterval is { } interval
                ? AnnouncementInterval(interval)
                : Core.Networks.Network.DefaultAddressAnnouncementInterval,
            Labels = Fields.Labels(request.Labels, "labels"),
        };
    }

    /// <summary>A network to remove.</summary>
    /// <exception cref="RefusedException">A field makes no sense.</exception>
    public static RemoveNetwork ToChange(RemoveNetworkRequest request) => new(Fields.Required(request.Network, "network"));

    private static SubnetRequest Subnets(Contract.V1.NetworkSubnet request, string field)
    {
        if (request.Subnet.Length == 0)
        {
            throw request.Gateway.Length > 0
                ? RefusedException.Invalid("gateway", $"gateway {Printable.Quote(request.Gateway)} needs its subnet: give both, or neither")
                : RefusedException.Invalid(field, $"{field}: an entry has no subnet: leave the whole entry out for one of the default pools");
        }

        return new SubnetRequest(Subnet.Parse(request.Subnet, "subnet"))
        {
            Gateway = Fields.Optional(request.Gateway, "gateway", Fields.Address),
            Range = Fields.Optional(request.IpRange, "ip_range", Subnet.Parse),
            Reserved = Fields.Each(request.Reserved, "reserved", MaxReserved, Fields.Address),
        };
    }

    private static int Announcements(uint count) => count <= MaxAnnouncements
        ? (int)count
        : throw RefusedException.Invalid(
            "address_announcements", string.Create(CultureInfo.InvariantCulture, $"address_announcements {count} is out of range: use 0 to {MaxAnnouncements}"));

    private static TimeSpan AnnouncementInterval(Duration interval) =>
        interval is { Seconds: >= 0 and <= 2, Nanos: >= 0 and < 1_000_000_000 } && interval.ToTimeSpan() is var time && time >= MinAnnouncementInterval && time <= MaxAnnouncementInterval
            ? time
            : throw RefusedException.Invalid("address_announcement_interval", "address_announcement_interval is out of range: use 100 ms to 2 s");

    private static TimeSpan NameTtl(Duration ttl) => ttl is { Nanos: 0, Seconds: >= 1 and <= MaxTtlSeconds }
        ? TimeSpan.FromSeconds(ttl.Seconds)
        : throw RefusedException.Invalid(
            "name_ttl", string.Create(CultureInfo.InvariantCulture, $"name_ttl is out of range: use whole seconds, 1 to {MaxTtlSeconds}"));

}
