// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Control.Changes;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Networking;
using Xunit;

namespace Resolver.Control.Tests;

/// <summary>A state that changes are admitted to one after the other, as the writer does when the kernel takes all of them.</summary>
internal sealed class World
{
    private readonly Random _random = new(42);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private ulong _inode = 1;

    internal DesiredState State { get; private set; } = new();

    internal ImmutableArray<Subnet> HostPrefixes { get; set; } = [];

    internal ImmutableArray<IPAddress> HostNameservers { get; set; } = [];

    internal static ObjectName Name(string text) => ObjectName.Parse(text, "name");

    internal static DnsName Dns(string text) => DnsName.Parse(text, "name");

    internal static IPAddress Ip(string text) => IPAddress.Parse(text);

    internal static CreateNetwork Create(string name, string subnet, string? gateway = null) =>
        new(Name(name), [new SubnetRequest(Subnet.Parse(subnet, "subnet")) { Gateway = gateway is null ? null : Ip(gateway) }]);

    internal Network HasNetwork(string name, string subnet) => Done(Create(name, subnet)).Network!;

    /// <summary>A sandbox in a namespace of its own, on a network.</summary>
    internal Endpoint HasEndpoint(string network, string name, string ip, Func<ConnectEndpoint, ConnectEndpoint>? with = null) =>
        Done(Connect(network, name, ip, with), FreshNetns()).Endpoint!;

    internal static ConnectEndpoint Connect(string network, string name, string ip, Func<ConnectEndpoint, ConnectEndpoint>? with = null)
    {
        ConnectEndpoint connect = new(network, new SandboxTarget.ByPath($"/run/netns/{name}")) { Name = Name(name), Addresses = [Ip(ip)] };
        return with is null ? connect : with(connect);
    }

    internal WorldFacts FreshNetns() => new() { Netns = new NetnsIdentity(4, _inode++), NetnsPath = "/run/netns/any" };

    internal Admitted Admit(Change change, WorldFacts? world = null)
    {
        _now += TimeSpan.FromSeconds(1);
        return Admission.Admit(
            new AdmissionContext
            {
                State = State,
                Options = new ControlOptions(),
                Now = _now,
                RandomBytes = NextBytes,
                World = (world ?? WorldFacts.None) with { HostPrefixes = HostPrefixes, HostNameservers = HostNameservers, Ports = PortsOf(change) },
            },
            change);
    }

    /// <summary>Admits a change, and takes the kernel's part for done.</summary>
    internal ChangeResult Done(Change change, WorldFacts? world = null)
    {
        Admitted admitted = Admit(change, world);
        State = State.Apply(admitted.Edit.Operations).Apply(admitted.Success.Operations);
        return admitted.Result;
    }

    /// <summary>Admits a change, and takes the kernel's part for refused.</summary>
    internal void RefusedByKernel(Change change, WorldFacts? world = null)
    {
        Admitted admitted = Admit(change, world);
        State = State.Apply(admitted.Edit.Operations).Apply(admitted.Failure.Operations);
    }

    internal RefusedException Refused(FailureReason reason, Change change, WorldFacts? world = null)
    {
        RefusedException refused = Assert.Throws<RefusedException>(() => Admit(change, world));
        Assert.Equal(reason, refused.Reason);
        return refused;
    }

    // What the host would have given, all ports being free there.
    private ImmutableArray<PublishedPort> PortsOf(Change change)
    {
        (string? name, ImmutableArray<PublishRequest> ports) = change switch
        {
            ConnectEndpoint connect => (connect.Network ?? Network.DefaultName, connect.Ports),
            PublishPorts publish => (publish.Network, publish.Ports),
            _ => (null, []),
        };
        return name is not null && State.FindNetwork(name) is { } network ? HostNetworking.NamedPorts(ports, network) : [];
    }

    private byte[] NextBytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
