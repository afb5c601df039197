// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Tests;

/// <summary>A fresh namespace that plays the host, with the room open in it.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly NetworkNamespace _netns = NetworkNamespace.Create();

    internal TestHost()
    {
        Networking = NamespaceThread.Run(_netns, () => HostNetworking.Open(NullLogger<HostNetworking>.Instance));
        _ = Run("ip", "link", "set", "lo", "up");
    }

    internal HostNetworking Networking { get; }

    internal static Network NewNetwork(string name, string subnet, int number)
    {
        ObjectId id = Id(number);
        Subnet prefix = Subnet.Parse(subnet, "subnet");
        return new Network
        {
            Id = id,
            Name = ObjectName.Parse(name, "name"),
            Subnets = [new NetworkSubnet(prefix, Allocation.AddressAllocation.DefaultGateway(prefix))],
            Bridge = InterfaceName.Parse($"br-{id.ShortId}", "bridge"),
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
    }

    internal static DesiredEndpoint NewEndpoint(Network network, string name, string address, int number, params string[] ports)
    {
        ObjectId id = Id(number);
        Sandbox sandbox = new() { Id = Id(number + 1000), Name = ObjectName.Parse(name, "name"), NetnsPath = name, Netns = default };
        Endpoint endpoint = new()
        {
            Id = id,
            NetworkId = network.Id,
            SandboxId = sandbox.Id,
            HostLink = InterfaceName.Parse($"ve{id.ShortId}", "link"),
            SandboxLink = InterfaceName.Parse("eth0", "link"),
            Mac = MacAddress.FromRandom([2, 0, 0, 0, (byte)(number >> 8), (byte)number]),
            Addresses = [IPAddress.Parse(address)],
            ProvidesDefaultRoute = true,
            Ports = HostNetworking.NamedPorts([.. ports.Select(port => PublishRequest.Parse(port, "ports"))], network),
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return new DesiredEndpoint(endpoint, network, sandbox);
    }

    internal static SandboxAccess NewSandbox()
    {
        NetworkNamespace netns = NetworkNamespace.Create();
        return new SandboxAccess(netns, RouteSocket.Open(netns));
    }

    /// <summary>All that a refused or undone change must leave alone, but for counters.</summary>
    internal string Snapshot() => string.Join(
        '\n', Run("ip", "-j", "link"), Run("ip", "-j", "address"), Run("ip", "-j", "route"), Run("nft", "list", "ruleset"));

    /// <summary>A link made anew has a new index, and carrier changes show in states: both are the kernel's.</summary>
    internal static string WithoutIndexes(string snapshot) => System.Text.RegularExpressions.Regex.Replace(
        snapshot, "\"(ifindex|link_index|operstate|flags|qdisc)\":(\\[[^]]*\\]|[^,}]*)", string.Empty);

    internal string Run(params string[] command) => RunIn(_netns, command);

    internal static string RunIn(NetworkNamespace netns, params string[] command) => NamespaceThread.Run(netns, () =>
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: exit status {process.ExitCode}");
    });

    internal T In<T>(Func<T> function) => NamespaceThread.Run(_netns, function);

    public void Dispose()
    {
        Networking.Dispose();
        _netns.Dispose();
    }

    private static ObjectId Id(int number) => ObjectId.FromBytes([.. BitConverter.GetBytes(number).Reverse(), .. new byte[28]]);
}
