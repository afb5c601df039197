// SPDX-License-Identifier: Apache-2.0

using Resolver.Control;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Daemon.Mapping;

/// <summary>Finds what a reading call names.</summary>
internal static class Lookup
{
    /// <summary>A network by name or id.</summary>
    /// <exception cref="RefusedException">InvalidArgument when the field is empty, NotFound when there is none.</exception>
    public static Network Network(DesiredState state, string nameOrId) =>
        state.FindNetwork(Fields.Required(nameOrId, "network")) ?? throw RefusedException.NotFound(
            nameOrId, $"there is no network '{Printable.Quote(nameOrId)}': resolver network ls shows which there are");

    /// <summary>A sandbox by name or id.</summary>
    /// <exception cref="RefusedException">InvalidArgument when the field is empty, NotFound when there is none.</exception>
    public static Sandbox Sandbox(DesiredState state, string nameOrId) =>
        state.FindSandbox(Fields.Required(nameOrId, "sandbox")) ?? throw RefusedException.NotFound(
            nameOrId, $"there is no sandbox '{Printable.Quote(nameOrId)}': resolver ps shows which there are");
}
