// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Control.Changes;

/// <summary>Decides if a change may be. Pure; each kind of change has a file of its own.</summary>
internal static partial class Admission
{
    /// <summary>Admits a change against a state.</summary>
    /// <exception cref="RefusedException">It may not be; the message says why and what to do.</exception>
    internal static Admitted Admit(AdmissionContext context, Change change) => change switch
    {
        CreateNetwork create => Admit(context, create),
        RemoveNetwork remove => Admit(context, remove),
        CreateSandbox create => Admit(context, create),
        RemoveSandbox remove => Admit(context, remove),
        ConnectEndpoint connect => Admit(context, connect),
        DisconnectEndpoint disconnect => Admit(context, disconnect),
        PublishPorts publish => Admit(context, publish),
        UnpublishPorts unpublish => Admit(context, unpublish),
        RegisterNames register => Admit(context, register),
        DeregisterNames deregister => Admit(context, deregister),
        Repair repair => Admit(context, repair),
        _ => throw new ArgumentException($"{change.GetType().Name} is no change", nameof(change)),
    };

    /// <summary>The networks and sandboxes that a change is about, as far as they exist: while one is claimed by another change, this one waits.</summary>
    internal static ImmutableArray<ObjectId> Touched(DesiredState state, Change change, WorldFacts world)
    {
        if (change is Repair repair)
        {
            return TouchedBy(state, repair);
        }

        (string? network, string? sandbox) = change switch
        {
            CreateNetwork create => (create.Name.Value, (string?)null),
            RemoveNetwork remove => (remove.Network, null),
            CreateSandbox create => (null, create.Name?.Value),
            RemoveSandbox remove => (null, remove.Sandbox),
            ConnectEndpoint connect => (connect.Network ?? Network.DefaultName, (connect.Target as SandboxTarget.Known)?.NameOrId ?? connect.Name?.Value),
            DisconnectEndpoint disconnect => (disconnect.Network, disconnect.Sandbox),
            PublishPorts publish => (publish.Network, publish.Sandbox),
            UnpublishPorts unpublish => (unpublish.Network, unpublish.Sandbox),
            RegisterNames register => (register.Network, null),
            DeregisterNames deregister => (deregister.Network, null),
            _ => throw new ArgumentException($"{change.GetType().Name} is no change", nameof(change)),
        };
        ObjectId?[] touched =
        [
            network is null ? null : state.FindNetwork(network)?.Id,
            sandbox is null ? null : state.FindSandbox(sandbox)?.Id,
            world.Netns is { } netns ? state.FindSandbox(netns)?.Id : null,
        ];
        return [.. touched.OfType<ObjectId>().Distinct()];
    }

    private static Network NetworkOf(DesiredState state, string operation, string nameOrId) => state.FindNetwork(nameOrId)
        ?? throw RefusedException.NotFound(
            $"network {Printable.Quote(nameOrId)}",
            $"{operation}: there is no network '{Printable.Quote(nameOrId)}'; 'resolver network ls' lists them, 'resolver network create' makes one");

    private static Core.Endpoints.Sandbox SandboxOf(DesiredState state, string operation, string nameOrId) => state.FindSandbox(nameOrId)
        ?? throw RefusedException.NotFound(
            $"sandbox {Printable.Quote(nameOrId)}", $"{operation}: there is no sandbox '{Printable.Quote(nameOrId)}'; 'resolver ps' lists them");
}
