// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;
using Resolver.Core.Registrations;

namespace Resolver.Control.Changes;

/// <summary>A wish of a caller, made of types that can't be wrong. The set of cases is closed.</summary>
public abstract record Change
{
    private protected Change()
    {
    }
}

/// <summary>What a change led to; the objects are those that it made or touched, as they are now.</summary>
/// <param name="Revision">The revision that made it durable.</param>
/// <param name="Network">For changes of a network.</param>
/// <param name="Sandbox">For changes of a sandbox or endpoint.</param>
/// <param name="Endpoint">For changes of an endpoint.</param>
/// <param name="Registration">For changes of a registration.</param>
public sealed record ChangeResult(
    long Revision, Network? Network = null, Sandbox? Sandbox = null, Endpoint? Endpoint = null, Registration? Registration = null);
