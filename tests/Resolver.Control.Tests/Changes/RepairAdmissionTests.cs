// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Control.Changes;
using Resolver.Control.Lanes;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Xunit;

namespace Resolver.Control.Tests.Changes;

public sealed class RepairAdmissionTests
{
    private readonly World _world = new();
    private readonly Network _app;
    private readonly Endpoint _web;

    public RepairAdmissionTests()
    {
        _app = _world.HasNetwork("app", "10.201.3.0/24");
        _web = _world.HasEndpoint("app", "web", "10.201.3.2");
    }

    [Fact]
    public void A_network_waits_for_its_own_changes_and_its_repair_changes_no_desired_state()
    {
        Assert.Equal([_app.Id], Touched(_app.Id));
        Admitted admitted = _world.Admit(new Repair(_app.Id));
        Assert.Equal(new KernelWork.RepairNetwork(_app), admitted.Work);
        Assert.Equal([_app.Id], admitted.Claims);
        Assert.Equal((StateEdit.None, StateEdit.None, StateEdit.None), (admitted.Edit, admitted.Success, admitted.Failure));
    }

    [Fact]
    public void An_endpoint_waits_for_changes_of_its_network_and_sandbox_and_keeps_those_of_the_sandbox_away()
    {
        Assert.Equal([_app.Id, _web.SandboxId], Touched(_web.Id));
        Admitted admitted = _world.Admit(new Repair(_web.Id));
        Assert.Equal(_web, Assert.IsType<KernelWork.RepairEndpoint>(admitted.Work).Endpoint.Endpoint);
        Assert.Equal([_web.SandboxId], admitted.Claims);
    }

    [Fact]
    public void What_is_gone_or_not_yet_made_needs_no_repair()
    {
        ObjectId unmade = _world.Admit(World.Connect("app", "db", "10.201.3.3"), _world.FreshNetns()).Result.Endpoint!.Id;
        _world.Done(new DisconnectEndpoint("app", "web"));
        foreach (ObjectId id in (ObjectId[])[_web.Id, unmade])
        {
            Admitted admitted = _world.Admit(new Repair(id));
            Assert.Null(admitted.Work);
            Assert.Empty(admitted.Claims);
            Assert.Empty(Touched(id));
        }
    }

    [Fact]
    public void An_endpoint_that_is_half_made_is_left_to_who_makes_it()
    {
        Admitted connect = _world.Admit(World.Connect("app", "db", "10.201.3.3"), _world.FreshNetns());
        DesiredState half = _world.State.Apply(connect.Edit.Operations);
        Admitted repair = Admission.Admit(Context(half), new Repair(connect.Result.Endpoint!.Id));
        Assert.Null(repair.Work);
    }

    private static AdmissionContext Context(DesiredState state) => new()
    {
        State = state,
        Options = new ControlOptions(),
        Now = DateTimeOffset.UnixEpoch,
        RandomBytes = count => new byte[count],
        World = WorldFacts.None,
    };

    private ImmutableArray<ObjectId> Touched(ObjectId id) => Admission.Touched(_world.State, new Repair(id), WorldFacts.None);
}
