// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
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
    private const int MaxAliases = 64;
    private const int MaxPorts = 4096; // Bindings: a request on both families makes two.
    private const int NamedPorts = 8; // In a message.
    private const int MaxEndpoints = 1023; // On one network: the kernel's BR_MAX_PORTS is 1024, and number 0 is no port.

    private static Admitted Admit(AdmissionContext context, ConnectEndpoint change)
    {
        DesiredState state = context.State;
        Network network = NetworkOf(state, "connect", change.Network ?? Network.DefaultName);
        (Sandbox sandbox, bool isNew) = TargetOf(context, change, network);
        string operation = $"connect {sandbox.Name} to {network.Name}";
        if (state.FindEndpoint(network.Id, sandbox.Id) is not null)
        {
            throw RefusedException.Taken($"endpoint {sandbox.Name} on {network.Name}", $"{operation}: it is on that network already");
        }

        CheckRoom(state, operation, network);
        CheckAliases(operation, network, change.Aliases);
        CheckPorts(state, operation, [.. context.World.Ports.Where(port => network.PublishesOnHost(port.Family))]);
        ImmutableArray<Endpoint> others = state.EndpointsOfSandbox(sandbox.Id);
        ObjectId id = context.NewId();
        Endpoint endpoint = new()
        {
            Id = id,
            NetworkId = network.Id,
            SandboxId = sandbox.Id,
            HostLink = InterfaceName.Parse($"ve{id.ShortId}", "link"),
            SandboxLink = SandboxLinkFor(operation, others, change.SandboxLink),
            Mac = MacFor(context, operation, network, change.Mac),
            Addresses = AddressesFor(state, operation, network, change.Addresses),
            GatewayPriority = change.GatewayPriority,
            ProvidesDefaultRoute = false,
            Aliases = [.. change.Aliases.Distinct()],
            Ports = context.World.Ports,
            Mtu = change.Mtu,
            Sysctls = change.Sysctls,
            Routes = change.Routes,
            Links = change.Links,
            Phase = EndpointPhase.Pending,
            CreatedAt = context.Now,
        };
        EndpointRules.Check(operation, endpoint, network, others);
        ImmutableArray<Endpoint> elected = GatewayOrder.Elect(others.Add(endpoint), networkId => state.Networks[networkId]);
        endpoint = elected.First(candidate => candidate.Id == id);
        ImmutableArray<Reelected> reelected = ReelectedOf(state, others, elected);
        Endpoint settled = endpoint with { Phase = EndpointPhase.Settled };
        IEnumerable<StoreOperation> put = [new StoreOperation.PutEndpoint(endpoint), .. reelected.Select(change => change.Put)];
        IEnumerable<StoreOperation> undo = [new StoreOperation.DeleteEndpoint(id), .. reelected.Select(change => change.PutBack)];
        return new Admitted(
            isNew ? StateEdit.Commit([new StoreOperation.PutSandbox(sandbox), .. put]) : StateEdit.Commit([.. put]),
            new ChangeResult(0, network, sandbox, settled))
        {
            Work = new KernelWork.Connect(new PlacedEndpoint(endpoint, network), sandbox) { Reelected = reelected },
            Success = StateEdit.CommitLater(new StoreOperation.PutEndpoint(settled)),
            Failure = isNew ? StateEdit.Commit([.. undo, new StoreOperation.DeleteSandbox(sandbox.Id)]) : StateEdit.Commit([.. undo]),
            Claims = [sandbox.Id],
        };
    }

    /// <summary>Whose default routes change when some endpoints were elected.</summary>
    private static ImmutableArray<Reelected> ReelectedOf(DesiredState state, IEnumerable<Endpoint> others, ImmutableArray<Endpoint> elected) =>
    [
        .. others.Select(before => new Reelected(before, elected.First(after => after.Id == before.Id), state.Networks[before.NetworkId]))
            .Where(change => change.IsChange),
    ];

    private static (Sandbox Sandbox, bool IsNew) TargetOf(AdmissionContext context, ConnectEndpoint change, Network network)
    {
        Sandbox? known = change.Target is SandboxTarget.Known target
            ? SandboxOf(context.State, $"connect to {network.Name}", target.NameOrId)
            : context.World.Netns is { } identity ? context.State.FindSandbox(identity) : null;
        if (known is not null)
        {
            return change.Name is null || change.Name.Equals(known.Name)
                ? (known, false)
                : throw RefusedException.Invalid(
                    "name", $"connect {change.Name} to {network.Name}: that namespace is sandbox {known.Name} already; leave the name out or use that one");
        }

        ObjectId id = context.NewId();
        ObjectName name = change.Name ?? ObjectName.Parse(id.ShortId, "name");
        CheckSandboxName(context.State, $"connect {name} to {network.Name}", name);
        Sandbox sandbox = new()
        {
            Id = id,
            Name = name,
            NetnsPath = context.World.NetnsPath ?? throw new InvalidOperationException("the namespace is opened before its sandbox is admitted"),
            Netns = context.World.Netns ?? throw new InvalidOperationException("the namespace is opened before its sandbox is admitted"),
            Process = context.World.Process,
        };
        return (sandbox, true);
    }

    private static void CheckRoom(DesiredState state, string operation, Network network)
    {
        if (state.IndexOf(network.Id).Endpoints.Count >= MaxEndpoints)
        {
            throw RefusedException.Exhausted(
                $"network {network.Name}",
                $"{operation}: network {network.Name} has {MaxEndpoints} endpoints, which is the most that a bridge takes; disconnect one or use another network");
        }
    }

    private static void CheckAliases(string operation, Network network, ImmutableArray<DnsName> aliases)
    {
        if (network.IsDefault && !aliases.IsEmpty)
        {
            throw RefusedException.Invalid(
                "aliases", $"{operation}: names of peers don't resolve on the default network, so it takes no aliases; use a network of your own");
        }

        if (aliases.Length > MaxAliases)
        {
            throw RefusedException.Invalid("aliases", $"{operation}: {aliases.Length} aliases are more than the {MaxAliases} that an endpoint may have");
        }
    }

    private static void CheckPorts(DesiredState state, string operation, ImmutableArray<PublishedPort> ports)
    {
        if (ports.Length > MaxPorts)
        {
            throw RefusedException.Invalid("ports", $"{operation}: {ports.Length} published ports are more than the {MaxPorts} that an endpoint may have");
        }

        if (PortConflicts.Find(ports) is { } twice)
        {
            throw RefusedException.Invalid("ports", $"{operation}: published ports {twice.First} and {twice.Second} take the same port of the host");
        }

        foreach (PublishedPort port in ports)
        {
            if (state.FindConflict(port) is { } conflict)
            {
                Sandbox holder = state.Sandboxes[conflict.Endpoint.SandboxId];
                throw RefusedException.Taken(
                    $"port {port.HostPorts}", $"{operation}: port {port} is taken by {holder.Name} ({conflict.Port}); choose another host port");
            }
        }
    }

    private static ImmutableArray<IPAddress> AddressesFor(DesiredState state, string operation, Network network, ImmutableArray<IPAddress> wanted)
    {
        foreach (IPAddress address in wanted)
        {
            string family = address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
            if (network.SubnetOf(address.AddressFamily) is null)
            {
                throw RefusedException.Invalid("ip", $"{operation}: ip {address}: network {network.Name} has no {family} subnet; choose an address of its own");
            }

            if (wanted.Count(other => other.AddressFamily == address.AddressFamily) > 1)
            {
                throw RefusedException.Invalid("ip", $"{operation}: an endpoint has one {family} address; leave all but one out");
            }
        }

        return
        [
            .. network.Subnets.Select(subnet =>
                AddressFor(state, operation, (network, subnet), wanted.FirstOrDefault(address => address.AddressFamily == subnet.Family))),
        ];
    }

    private static IPAddress AddressFor(DesiredState state, string operation, (Network Network, NetworkSubnet Subnet) place, IPAddress? wanted)
    {
        NetworkIndex index = state.IndexOf(place.Network.Id);
        if (wanted is null)
        {
            return AddressAllocation.Next(place.Subnet, index.Addresses.ContainsKey, index.LastAddressOf(place.Subnet.Family));
        }

        AddressAllocation.Check(place.Subnet, wanted, "ip");
        return index.Addresses.TryGetValue(wanted, out ObjectId owner)
            ? throw RefusedException.Taken($"address {wanted}", $"{operation}: address {wanted} is taken by {NameOf(state, owner)}; choose another with --ip")
            : wanted;
    }

    private static MacAddress MacFor(AdmissionContext context, string operation, Network network, MacAddress? wanted)
    {
        ImmutableDictionary<MacAddress, ObjectId> taken = context.State.IndexOf(network.Id).Macs;
        if (wanted is { } mac)
        {
            return taken.TryGetValue(mac, out ObjectId owner)
                ? throw RefusedException.Taken(
                    $"MAC {mac}", $"{operation}: MAC address {mac} is taken by {NameOf(context.State, owner)} on this network; choose another with --mac")
                : mac;
        }

        MacAddress random;
        do
        {
            random = MacAddress.FromRandom(context.RandomBytes(MacAddress.LengthBytes));
        }
        while (taken.ContainsKey(random));
        return random;
    }

    private static InterfaceName SandboxLinkFor(string operation, ImmutableArray<Endpoint> others, InterfaceName? wanted)
    {
        if (wanted is not null)
        {
            return wanted.Value == "lo" || others.Any(other => other.SandboxLink.Equals(wanted))
                ? throw RefusedException.Taken($"interface {wanted}", $"{operation}: interface name {wanted} is taken in the sandbox; choose another with --ifname")
                : wanted;
        }

        HashSet<string> taken = [.. others.Select(other => other.SandboxLink.Value)];
        int number = 0;
        while (taken.Contains(string.Create(CultureInfo.InvariantCulture, $"eth{number}")))
        {
            number++;
        }

        return InterfaceName.Parse(string.Create(CultureInfo.InvariantCulture, $"eth{number}"), "link");
    }

    private static ObjectName NameOf(DesiredState state, ObjectId endpoint) => state.Sandboxes[state.Endpoints[endpoint].SandboxId].Name;
}
