// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;

namespace Resolver.Core.Endpoints;

/// <summary>A route inside the sandbox by way of a neighbour on the endpoint's network.</summary>
/// <param name="Destination">What is reached by it.</param>
/// <param name="Gateway">Who forwards there; an address of the endpoint's network, of the same family.</param>
public sealed record StaticRoute(Subnet Destination, IPAddress Gateway)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Destination}={Gateway}";
}
