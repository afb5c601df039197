// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Store;

namespace Resolver.Control.Changes;

internal static partial class Admission
{
    private const string DefaultBridge = "resolver0";
    private const int MinMtu = 68;      // RFC 791: every link carries 68 octets.
    private const int MinIPv6Mtu = EndpointRules.MinIPv6Mtu;
    private const int MaxMtu = 65535;
    private const int NamedUsers = 5;

    private static Admitted Admit(AdmissionContext context, CreateNetwork change)
    {
        string operation = $"create network {change.Name}";
        if (context.State.FindNetwork(change.Name) is { } existing)
        {
            throw RefusedException.Taken($"network {change.Name}", $"{operation}: the name is taken by network {existing.Id.ShortId}; choose another");
        }

        int least = change.AsksForIPv6 ? MinIPv6Mtu : MinMtu;
        if (change.Mtu is { } mtu && (mtu < least || mtu > MaxMtu))
        {
            string why = mtu is >= MinMtu and < MinIPv6Mtu ? ": IPv6 works with no less" : "";
            throw RefusedException.Invalid("mtu", $"{operation}: mtu {mtu} is outside {least} to {MaxMtu}{why}");
        }

        PolicyRules.Check(operation, change);
        CheckBridge(context.State, operation, change.Bridge);
        ObjectId id = context.NewId();
        Network network = new()
        {
            Id = id,
            Name = change.Name,
            Subnets = new SubnetChoice(context, operation, change.Policy).Choose(change),
            Bridge = change.Bridge ?? InterfaceName.Parse(IsDefault(change.Name) ? DefaultBridge : $"br-{id.ShortId}", "bridge"),
            Mtu = change.Mtu,
            Upstreams = change.Upstreams,
            Search = change.Search,
            NameTtl = change.NameTtl,
            ForwardsSingleLabels = change.ForwardsSingleLabels,
            Policy = change.Policy,
            PublishAddress = change.PublishAddress,
            AddressAnnouncements = change.AddressAnnouncements,
            AddressAnnouncementInterval = change.AddressAnnouncementInterval,
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
        if (network.IsDefault && !change.IncludesDefault)
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

    private static void CheckBridge(DesiredState state, string operation, InterfaceName? bridge)
    {
        if (bridge is not null && state.Networks.Values.FirstOrDefault(network => network.Bridge.Equals(bridge)) is { } other)
        {
            throw RefusedException.Taken($"bridge {bridge}", $"{operation}: bridge {bridge} is that of network {other.Name}; choose another name");
        }
    }
}
