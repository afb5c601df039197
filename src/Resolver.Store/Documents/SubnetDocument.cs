// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Addressing;
using Resolver.Core.Networks;

namespace Resolver.Store.Documents;

/// <summary>A subnet of a network as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record SubnetDocument(string Prefix, string? Gateway, string? Range = null, ImmutableArray<string>? Reserved = null)
{
    internal static SubnetDocument Of(NetworkSubnet subnet) => new(
        subnet.Subnet.ToString(), subnet.Gateway?.ToString(), subnet.Range?.ToString(), subnet.Reserved.IsEmpty ? null : Text.Of(subnet.Reserved));

    internal NetworkSubnet ToSubnet() => new(Subnet.Parse(Prefix, "subnet"), Gateway is null ? null : Text.ToAddress(Gateway))
    {
        Range = Range is null ? null : Subnet.Parse(Range, "range"),
        Reserved = Reserved is { } reserved ? Text.ToAddresses(reserved) : [],
    };
}
