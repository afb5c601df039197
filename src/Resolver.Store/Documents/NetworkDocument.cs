// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Store.Documents;

/// <summary>A network as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record NetworkDocument(
    string Id,
    string Name,
    ImmutableArray<SubnetDocument> Subnets,
    string Bridge,
    ImmutableArray<string> Upstreams,
    ImmutableArray<string> Search,
    ImmutableSortedDictionary<string, string> Labels,
    DateTimeOffset CreatedAt,
    int? Mtu = null,
    double? NameTtlSeconds = null,
    bool ForwardsSingleLabels = false,
    PolicyDocument? Policy = null,
    string? PublishAddress = null,
    int? AddressAnnouncements = null,
    double? AddressAnnouncementSeconds = null)
{
    internal static NetworkDocument Of(Network network) => new(
        network.Id.Value,
        network.Name.Value,
        [.. network.Subnets.Select(SubnetDocument.Of)],
        network.Bridge.Value,
        Text.Of(network.Upstreams),
        Text.Of(network.Search),
        network.Labels,
        network.CreatedAt,
        network.Mtu,
        network.NameTtl?.TotalSeconds,
        network.ForwardsSingleLabels,
        PolicyDocument.Of(network.Policy),
        network.PublishAddress?.ToString(),
        network.AddressAnnouncements,
        network.AddressAnnouncementInterval.TotalSeconds);

    internal Network ToNetwork() => new()
    {
        Id = Text.ToId(Id),
        Name = ObjectName.Parse(Name, "name"),
        Subnets = [.. Subnets.Select(subnet => subnet.ToSubnet())],
        Bridge = InterfaceName.Parse(Bridge, "bridge"),
        Upstreams = Text.ToUpstreams(Upstreams),
        Search = Text.ToNames(Search),
        Labels = Labels,
        CreatedAt = CreatedAt,
        Mtu = Mtu,
        NameTtl = NameTtlSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        ForwardsSingleLabels = ForwardsSingleLabels,
        Policy = Policy?.ToPolicy() ?? TrafficPolicy.Default,
        PublishAddress = PublishAddress is null ? null : Text.ToAddress(PublishAddress),
        AddressAnnouncements = AddressAnnouncements,
        AddressAnnouncementInterval =
            AddressAnnouncementSeconds is { } between ? TimeSpan.FromSeconds(between) : Network.DefaultAddressAnnouncementInterval,
    };
}
