// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Names;
using Resolver.Core.Registrations;

namespace Resolver.Store.Documents;

/// <summary>A registration as it is stored. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record RegistrationDocument(string NetworkId, string Name, ImmutableArray<string> Aliases, ImmutableArray<string> Addresses)
{
    internal static RegistrationDocument Of(Registration registration) => new(
        registration.NetworkId.Value, registration.Name.Value, Text.Of(registration.Aliases), Text.Of(registration.Addresses));

    internal Registration ToRegistration() => new()
    {
        NetworkId = Text.ToId(NetworkId),
        Name = DnsName.Parse(Name, "name"),
        Aliases = Text.ToNames(Aliases),
        Addresses = Text.ToAddresses(Addresses),
    };

    /// <summary>The row's id: names differ only in case mean the same registration.</summary>
    internal static string RowId(ObjectId networkId, DnsName name) => $"{networkId.Value}/{name.Value.ToLowerInvariant()}";
}
