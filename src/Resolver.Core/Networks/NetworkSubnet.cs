// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Core.Addressing;

namespace Resolver.Core.Networks;

/// <summary>A subnet of a network with the address that the bridge has in it.</summary>
/// <param name="Subnet">The prefix.</param>
/// <param name="Gateway">The bridge's address, the sandboxes' gateway; inside <paramref name="Subnet"/>.</param>
public sealed record NetworkSubnet(Subnet Subnet, IPAddress Gateway);
