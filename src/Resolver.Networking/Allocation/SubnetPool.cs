// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Addressing;

namespace Resolver.Networking.Allocation;

/// <summary>A prefix from which subnets of one size are taken, such as 10.201.0.0/16 in /24s.</summary>
/// <param name="Prefix">The whole.</param>
/// <param name="SubnetLength">The prefix length of each subnet; at least that of <paramref name="Prefix"/>.</param>
public sealed record SubnetPool(Subnet Prefix, int SubnetLength);
