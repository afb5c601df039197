// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Core.Addressing;
using Resolver.Core.Failures;
using Resolver.Core.Networks;
using Resolver.Networking.Allocation;

namespace Resolver.Control.Changes;

/// <summary>Which subnets a new network gets: those that were asked for, if they may be, and the next free ones. Pure.</summary>
internal sealed class SubnetChoice
{
    // Prefixes that are for no network's hosts (RFC 6890; RFC 4291 §2.4).
    private static readonly (Subnet Prefix, string What)[] Special =
    [
        (Subnet.Parse("0.0.0.0/8", "subnet"), "\"this network\""),
        (Subnet.Parse("127.0.0.0/8", "subnet"), "loopback"),
        (Subnet.Parse("224.0.0.0/3", "subnet"), "multicast and reserved addresses"),
        (Subnet.Parse("::/127", "subnet"), "loopback"),
        (Subnet.Parse("fe80::/10", "subnet"), "link-local addresses"),
        (Subnet.Parse("ff00::/8", "subnet"), "multicast"),
    ];

    private readonly AdmissionContext _context;
    private readonly string _operation;
    private readonly TrafficPolicy _policy;

    internal SubnetChoice(AdmissionContext context, string operation, TrafficPolicy policy)
    {
        _context = context;
        _operation = operation;
        _policy = policy;
    }

    /// <exception cref="RefusedException">A subnet makes no sense or is taken, or the pools are exhausted.</exception>
    internal ImmutableArray<NetworkSubnet> Choose(CreateNetwork change)
    {
        AddressFamily[] families =
        [
            .. change.HasIPv4 ? [AddressFamily.InterNetwork] : Array.Empty<AddressFamily>(),
            .. change.AsksForIPv6 ? [AddressFamily.InterNetworkV6] : Array.Empty<AddressFamily>(),
        ];
        if (families.Length == 0)
        {
            throw RefusedException.Invalid("ipv4", $"{_operation}: a network without IPv4 needs IPv6; add --ipv6 or an IPv6 subnet");
        }

        foreach (SubnetRequest request in change.Subnets.Where(request => !families.Contains(request.Subnet.First.AddressFamily)))
        {
            throw RefusedException.Invalid("subnets", $"{_operation}: subnet {request.Subnet} is IPv4, and the network shall have none; leave one out");
        }

        return [.. families.Select(family => Choose(family, [.. change.Subnets.Where(request => request.Subnet.First.AddressFamily == family)]))];
    }

    private NetworkSubnet Choose(AddressFamily family, SubnetRequest[] requests)
    {
        if (requests.Length > 1)
        {
            throw RefusedException.Invalid(
                "subnets", $"{_operation}: {requests[0].Subnet} and {requests[1].Subnet} are of the same family; a bridge has one subnet of each");
        }

        SubnetRequest? request = requests.FirstOrDefault();
        bool isChosen = request is null || IsWildcard(request.Subnet);
        Subnet subnet = isChosen
            ? SubnetAllocation.Next(_context.Options.SubnetPools, family, request?.Subnet.PrefixLength, [.. _context.State.Subnets, .. Avoided])
            : CheckFree(request!.Subnet);
        if (isChosen && request is { } bare && (bare.Gateway is not null || bare.Range is not null || !bare.Reserved.IsEmpty))
        {
            throw RefusedException.Invalid("subnets", $"{_operation}: a gateway, range or reserved address needs a subnet to lie in; name one");
        }

        return Complete(subnet, request ?? new SubnetRequest(subnet));
    }

    private IEnumerable<Subnet> Avoided => _context.World.HostPrefixes.Concat(_context.World.HostNameservers.Select(
        address => Subnet.Of(address, IPAddressArithmetic.Bits(address))));

    // 0.0.0.0/24: any of that size.
    private static bool IsWildcard(Subnet subnet) =>
        subnet.PrefixLength > 0 && (subnet.First.Equals(IPAddress.Any) || subnet.First.Equals(IPAddress.IPv6Any));

    private Subnet CheckFree(Subnet subnet)
    {
        if (subnet.PrefixLength == 0)
        {
            throw RefusedException.Invalid("subnet", $"{_operation}: subnet {subnet} is everything there is; name a part");
        }

        if (Special.FirstOrDefault(special => special.Prefix.Overlaps(subnet)) is { What: not null } hit)
        {
            throw RefusedException.Invalid("subnet", $"{_operation}: subnet {subnet} overlaps {hit.Prefix}, which is for {hit.What}; choose another");
        }

        if (_context.State.FindOverlap(subnet) is { } overlap)
        {
            throw RefusedException.Taken("subnet", $"{_operation}: subnet {subnet} overlaps {overlap.Subnet} of network {overlap.Network.Name}; choose another");
        }

        return _context.World.HostPrefixes.FirstOrDefault(subnet.Overlaps) is { } prefix
            ? throw RefusedException.Taken(
                "subnet", $"{_operation}: subnet {subnet} overlaps {prefix}, which this host has a route or address for; choose another")
            : subnet;
    }

    private NetworkSubnet Complete(Subnet subnet, SubnetRequest request)
    {
        bool isIsolated = _policy.ModeOf(subnet.First.AddressFamily) == GatewayMode.Isolated;
        if (isIsolated && request.Gateway is not null)
        {
            throw RefusedException.Invalid("gateway", $"{_operation}: an isolated network has no gateway; leave {request.Gateway} out");
        }

        IPAddress? gateway = isIsolated ? null : request.Gateway ?? AddressAllocation.DefaultGateway(subnet);
        if (gateway is not null)
        {
            CheckInside("gateway", subnet, gateway);
        }

        if (request.Range is { } range && (range.First.AddressFamily != subnet.First.AddressFamily || !subnet.Contains(range.First) || range.PrefixLength < subnet.PrefixLength))
        {
            throw RefusedException.Invalid("ip_range", $"{_operation}: ip-range {range} lies outside subnet {subnet}");
        }

        foreach (IPAddress reserved in request.Reserved)
        {
            CheckInside("aux_address", subnet, reserved);
            if (reserved.Equals(gateway) || request.Reserved.Count(reserved.Equals) > 1)
            {
                throw RefusedException.Invalid("aux_address", $"{_operation}: aux-address {reserved} is {(reserved.Equals(gateway) ? "the gateway" : "given twice")}");
            }
        }

        if (AddressAllocation.UsableCount(subnet) < (gateway is null ? 1u : 2u))
        {
            throw RefusedException.Invalid("subnet", $"{_operation}: subnet {subnet} has no room for a gateway and a sandbox; use a shorter prefix");
        }

        return new NetworkSubnet(subnet, gateway) { Range = request.Range, Reserved = request.Reserved };
    }

    private void CheckInside(string field, Subnet subnet, IPAddress address)
    {
        string? problem = address.AddressFamily == subnet.First.AddressFamily ? AddressAllocation.Problem(subnet, address) : $"lies outside subnet {subnet}";
        if (problem is not null)
        {
            throw RefusedException.Invalid(field, $"{_operation}: {field.Replace('_', '-')} {address} {problem}; choose another");
        }
    }
}
