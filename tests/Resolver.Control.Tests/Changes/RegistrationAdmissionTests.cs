// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Control.Changes;
using Resolver.Core.Failures;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class RegistrationAdmissionTests
{
    private readonly World _world = new();

    public RegistrationAdmissionTests()
    {
        _world.HasNetwork("app", "10.0.0.0/24");
        _world.HasNetwork("bridge", "10.0.1.0/24");
    }

    [Fact]
    public void The_default_network_takes_no_registration() => Assert.Equal(
        "register db in bridge: names don't resolve on the default network; register in a network of your own",
        _world.Refused(FailureReason.FailedPrecondition, Register("bridge", 1)).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Too_few_or_too_many_addresses_are_refused(int count) => Assert.Equal(
        $"register db in app: a registration has 1 to 1024 addresses, this one has {count}",
        _world.Refused(FailureReason.InvalidArgument, Register("app", count)).Message);

    [Fact]
    public void Too_many_aliases_are_refused() => Assert.Contains(
        "at most 64 aliases, this one has 65",
        _world.Refused(FailureReason.InvalidArgument, Register("app", 1) with { Aliases = [.. Enumerable.Range(0, 65).Select(i => World.Dns($"a{i}"))] }).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_second_registration_of_a_name_replaces_the_first()
    {
        _world.Done(Register("app", 3));
        _world.Done(Register("app", 1) with { Name = World.Dns("DB") });
        Assert.Single(Assert.Single(_world.State.Registrations).Value.Addresses);
    }

    [Fact]
    public void An_unregistered_name_is_not_found() => Assert.StartsWith(
        "deregister db from app: that name is not registered there",
        _world.Refused(FailureReason.NotFound, new DeregisterNames("app", World.Dns("db"))).Message,
        StringComparison.Ordinal);

    private static RegisterNames Register(string network, int addresses) => new(network, World.Dns("db"), Addresses(addresses), []);

    private static ImmutableArray<IPAddress> Addresses(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new IPAddress([192, 0, (byte)(i / 256), (byte)i]))];
}
