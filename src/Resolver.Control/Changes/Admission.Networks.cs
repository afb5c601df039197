// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Resolver.Control.Lanes;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Networking.Allocation;
using Resolver.Store;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    private const string DefaultBridge = "resolver0";
    private const int MinMtu = 68;      // RFC 791: every link carries 68 octets.
    private const int MaxMtu = 65535;
    private const int LongestPrefix = 30; // A gateway and one sandbox; /31 has no room for both beside Docker's rules, /32 for none.
    private const int NamedUsers = 5;

    private static Admitted Admit(AdmissionContext context, CreateNetwork change)
    {
        string operation = $"create network {change.Name}";
        if (context.State.FindNetwork(change.Name) is { } existing)
        {
            throw RefusedException.Taken($"network {change.Name}", $"{operation}: the name is taken by network {existing.Id.ShortId}; choose another");
        }

        if (change.Mtu is { } mtu and (< MinMtu or > MaxMtu))
        {
            throw RefusedException.Invalid("mtu", $"{operation}: mtu {mtu} is outside {MinMtu} to {MaxMtu}");
        }

        Subnet subnet = change.Subnet is null ? ChooseSubnet(context) : CheckSubnet(context, operation, change.Subnet);
        IPAddress gateway = change.Gateway ?? AddressAllocation.DefaultGateway(subnet);
        CheckGateway(operation, subnet, gateway);
        ObjectId id = context.NewId();
        Network network = new()
        {
            Id = id,
            Name = change.Name,
            Subnets = [new NetworkSubnet(subnet, gateway)],
            Bridge = InterfaceName.Parse(IsDefault(change.Name) ? DefaultBridge : $"br-{id.ShortId}", "bridge"),
            Mtu = change.Mtu,
            Upstreams = change.Upstreams,
            Search = change.Search,
            NameTtl = change.NameTtl,
            ForwardsSingleLabels = change.ForwardsSingleLabels,
            Labels = change.Labels,
            CreatedAt = context.Now,
        };
        return new Admitted(StateEdit.Commit(new StoreOperation.PutNetwork(network)), new ChangeResult(0, network))
        {
            Work = new KernelWork.MakeNetwork(network),
            Failure = StateEdit.Commit(new StoreOperation.DeleteNetwork(id)),
            Claims = [id],
        };
    }

    private static Admitted Admit(AdmissionContext context, RemoveNetwork change)
    {
        Network network = NetworkOf(context.State, "remove network", change.Network);
        string operation = $"remove network {network.Name}";
        if (network.IsDefault)
        {
            throw RefusedException.WrongState($"network {network.Name}", $"{operation}: it is the default network, which always exists");
        }

        ImmutableArray<Endpoint> endpoints = context.State.EndpointsOfNetwork(network.Id);
        if (!endpoints.IsEmpty)
        {
            string users = string.Join(", ", endpoints.Take(NamedUsers).Select(endpoint => context.State.Sandboxes[endpoint.SandboxId].Name));
            string more = endpoints.Length > NamedUsers ? $" and {endpoints.Length - NamedUsers} more" : "";
            throw RefusedException.WrongState($"network {network.Name}", $"{operation}: it is in use by {users}{more}; disconnect them first");
        }

        // The kernel first: after a crash in between the store still has the network, and recovery makes it whole again.
        IEnumerable<StoreOperation> registrations =
            context.State.IndexOf(network.Id).Registrations.Select(name => new StoreOperation.DeleteRegistration(network.Id, name));
        return new Admitted(StateEdit.None, new ChangeResult(0, network))
        {
            Work = new KernelWork.RemoveNetwork(network),
            Success = StateEdit.Commit([.. registrations, new StoreOperation.DeleteNetwork(network.Id)]),
            Claims = [network.Id],
        };
    }

    private static bool IsDefault(ObjectName name) => string.Equals(name.Value, Network.DefaultName, StringComparison.OrdinalIgnoreCase);

    private static Subnet ChooseSubnet(AdmissionContext context) =>
        SubnetAllocation.Next(context.Options.SubnetPools, [.. context.State.Subnets, .. context.World.HostPrefixes]);

    private static Subnet CheckSubnet(AdmissionContext context, string operation, Subnet subnet)
    {
        if (!subnet.IsIPv4)
        {
            throw RefusedException.Invalid("subnet", $"{operation}: subnet {subnet} is IPv6, and networks have IPv4 subnets only for now");
        }

        if (subnet.PrefixLength is > LongestPrefix or 0)
        {
            throw RefusedException.Invalid(
                "subnet", $"{operation}: subnet {subnet} has no room for a gateway and a sandbox; use a prefix of /1 to /{LongestPrefix}");
        }

        if (context.State.FindOverlap(subnet) is { } overlap)
        {
            throw RefusedException.Taken("subnet", $"{operation}: subnet {subnet} overlaps {overlap.Subnet} of network {overlap.Network.Name}; choose another");
        }

        foreach (Subnet prefix in context.World.HostPrefixes)
        {
            if (prefix.Overlaps(subnet))
            {
                throw RefusedException.Taken(
                    "subnet", $"{operation}: subnet {subnet} overlaps {prefix}, which this host has a route or address for; choose another");
            }
        }

        return subnet;
    }

    private static void CheckGateway(string operation, Subnet subnet, IPAddress gateway)
    {
        if (gateway.AddressFamily != AddressFamily.InterNetwork || !subnet.Contains(gateway))
        {
            throw RefusedException.Invalid("gateway", $"{operation}: gateway {gateway} is outside subnet {subnet}");
        }

        if (gateway.Equals(subnet.First) || gateway.Equals(subnet.Last))
        {
            string what = gateway.Equals(subnet.First) ? "network" : "broadcast";
            throw RefusedException.Invalid("gateway", $"{operation}: gateway {gateway} is the {what} address of {subnet}; choose one between");
        }
    }
}
