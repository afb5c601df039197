// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Control.Changes;
using Resolver.Control.Publishing;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Dns.Zones;
using Resolver.Store;
using Xunit;

namespace Resolver.Control.Tests;

public sealed class DesiredStateTests
{
    private readonly World _world = new();

    [Fact]
    public void An_endpoint_of_a_missing_sandbox_is_refused_at_loading()
    {
        Network app = _world.HasNetwork("app", "10.0.0.0/24");
        Endpoint endpoint = _world.HasEndpoint("app", "web", "10.0.0.2");
        RefusedException refused = Assert.Throws<RefusedException>(() => DesiredState.Of(new StoredState(1, [app], [], [endpoint], [])));
        Assert.Contains($"refers to sandbox {endpoint.SandboxId.ShortId}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shared_name_gets_the_addresses_of_all_who_have_it_and_loses_only_those_of_one_who_goes()
    {
        Network app = _world.HasNetwork("app", "10.0.0.0/24");
        _world.HasEndpoint("app", "web", "10.0.0.2", connect => connect with { Aliases = [World.Dns("service")] });
        _world.Done(new RegisterNames("app", World.Dns("Service"), [World.Ip("192.0.2.1")], []));
        DesiredState before = _world.State;
        Admitted admitted = _world.Admit(new DisconnectEndpoint("app", "web"));
        DesiredState after = before.Apply(admitted.Edit.Operations);
        (ObjectId network, ZoneDelta delta) = Assert.Single(ZoneDeltas.Between(before, after, admitted.Edit.Operations));
        Assert.Equal(app.Id, network);
        Assert.Equal([World.Ip("192.0.2.1")], delta.Names.Single(name => name.Name.Equals(World.Dns("service"))).Addresses);
        Assert.Empty(delta.Names.Single(name => name.Name.Equals(World.Dns("web"))).Addresses);
        Assert.Equal(3, delta.Names.Length); // service, web and the short id: never the rest of the zone
        Assert.Empty(Assert.Single(delta.Pointers).Names);
    }

    [Fact]
    public void A_pending_endpoint_has_no_names()
    {
        Network app = _world.HasNetwork("app", "10.0.0.0/24");
        Admitted admitted = _world.Admit(World.Connect("app", "web", "10.0.0.2"), _world.FreshNetns());
        DesiredState pending = _world.State.Apply(admitted.Edit.Operations);
        Assert.Empty(pending.IndexOf(app.Id).Names);
        DesiredState settled = pending.Apply(admitted.Success.Operations);
        Assert.Equal(2, settled.IndexOf(app.Id).Names.Count);
        Assert.Equal("web", Assert.Single(settled.IndexOf(app.Id).Pointers[World.Ip("10.0.0.2")]).MainName.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void After_random_changes_the_indexes_are_those_of_the_objects(int seed)
    {
        Random random = new(seed);
        for (int step = 0; step < 400; step++)
        {
            (Change change, WorldFacts world) = RandomChange(random);
            try
            {
                if (random.Next(5) == 0)
                {
                    _world.RefusedByKernel(change, world);
                }
                else
                {
                    _world.Done(change, world);
                }
            }
            catch (RefusedException)
            {
                // Most random changes make no sense; what counts is that the state stays right.
            }

            DesiredState state = _world.State;
            StoredState stored = new(
                0, [.. state.Networks.Values], [.. state.Sandboxes.Values], [.. state.Endpoints.Values], [.. state.Registrations.Values]);
            Assert.Equal(Describe(DesiredState.Of(stored)), Describe(state));
            CheckAgainstObjects(state);
        }

        Assert.NotEmpty(_world.State.Endpoints);
    }

    private static void CheckAgainstObjects(DesiredState state)
    {
        foreach (Network network in state.Networks.Values)
        {
            Endpoint[] endpoints = [.. state.Endpoints.Values.Where(endpoint => endpoint.NetworkId == network.Id).OrderBy(endpoint => endpoint.CreatedAt)];
            Assert.Equal(endpoints, state.EndpointsOfNetwork(network.Id));
            Assert.Same(network, state.FindNetwork(network.Name.Value));
            Assert.Equal(endpoints.SelectMany(endpoint => endpoint.Addresses).ToHashSet(), state.IndexOf(network.Id).Addresses.Keys.ToHashSet());
            Assert.Equal(network.Id, state.FindOverlap(network.Subnets[0].Subnet)?.Network.Id);
        }

        foreach (Sandbox sandbox in state.Sandboxes.Values)
        {
            Assert.Same(sandbox, state.FindSandbox(sandbox.Netns));
            Assert.Equal(
                state.Endpoints.Values.Where(endpoint => endpoint.SandboxId == sandbox.Id).OrderBy(endpoint => endpoint.CreatedAt),
                state.EndpointsOfSandbox(sandbox.Id));
        }

        foreach (Endpoint endpoint in state.Endpoints.Values)
        {
            Assert.All(endpoint.Ports, port => Assert.Equal(endpoint, state.FindConflict(port)?.Endpoint));
        }
    }

    private static string Describe(DesiredState state) => string.Join('\n', state.Networks.Keys.OrderBy(id => id.Value).Select(id =>
    {
        NetworkIndex index = state.IndexOf(id);
        IEnumerable<string> lines =
        [
            .. index.Names.Select(entry => $"{entry.Key.Value.ToUpperInvariant()}={Sorted(entry.Value.SelectMany(owner => owner.Addresses))}"),
            .. index.Pointers.Select(entry => $"{entry.Key}={Sorted(entry.Value.Select(owner => owner.MainName))}"),
            .. index.Addresses.Select(entry => $"{entry.Key}@{entry.Value}"),
            .. index.Macs.Select(entry => $"{entry.Key}@{entry.Value}"),
            .. index.Registrations.Select(name => $"registered {name}"),
        ];
        return $"{id}: {Sorted(lines)}";
    }));

    private static string Sorted<T>(IEnumerable<T> values)
        where T : notnull => string.Join(',', values.Select(value => value.ToString()!).Order(StringComparer.Ordinal));

    private (Change Change, WorldFacts World) RandomChange(Random random)
    {
        int n = random.Next(4);
        string network = $"net{n}";
        string name = $"box{random.Next(8)}";
        string ip = $"10.0.{n}.{random.Next(2, 12)}";
        ImmutableArray<DnsName> aliases = [.. Enumerable.Range(0, random.Next(3)).Select(_ => World.Dns($"Alias{random.Next(3)}"))];
        IPAddress[] addresses = [World.Ip(ip), World.Ip($"192.0.2.{random.Next(4)}")];
        return random.Next(8) switch
        {
            0 => (World.Create(network, $"10.0.{n}.0/24"), WorldFacts.None),
            1 => (new RemoveNetwork(network), WorldFacts.None),
            2 or 3 => (World.Connect(network, name, ip, connect => connect with
            {
                Aliases = aliases,
                Ports = [PublishRequest.Parse($"{random.Next(8000, 8010)}:80", "ports")],
            }), _world.FreshNetns()),
            4 => (new ConnectEndpoint(network, new SandboxTarget.Known(name)) { Addresses = [World.Ip(ip)], Aliases = aliases }, WorldFacts.None),
            5 => (new DisconnectEndpoint(network, name), WorldFacts.None),
            6 => (new RegisterNames(network, World.Dns(random.Next(2) == 0 ? "alias0" : name), [.. addresses], aliases), WorldFacts.None),
            _ => random.Next(2) == 0
                ? (new DeregisterNames(network, World.Dns("ALIAS0")), WorldFacts.None)
                : (new RemoveSandbox(name), WorldFacts.None),
        };
    }
}
