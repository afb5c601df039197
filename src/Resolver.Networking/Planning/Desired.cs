// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Networks;

namespace Resolver.Networking.Planning;

/// <summary>A network as it should be in the kernel.</summary>
/// <param name="Network">The network.</param>
/// <param name="Present">False: it should not be there.</param>
public sealed record DesiredNetwork(Network Network, bool Present = true);

/// <summary>An endpoint as it should be in the kernel.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Network">Its network.</param>
/// <param name="Sandbox">Its sandbox.</param>
/// <param name="Present">False: it should not be there.</param>
public sealed record DesiredEndpoint(Endpoint Endpoint, Network Network, Sandbox Sandbox, bool Present = true);
