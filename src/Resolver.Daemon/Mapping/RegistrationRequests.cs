// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Contract.V1;
using Resolver.Control.Changes;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Registration = Resolver.Core.Registrations.Registration;

namespace Resolver.Daemon.Mapping;

/// <summary>Requests about registrations as changes. Every method refuses with InvalidArgument and the field's name.</summary>
internal static class RegistrationRequests
{
    /// <summary>A name to register.</summary>
    public static RegisterNames ToChange(RegisterRequest request)
    {
        ImmutableArray<IPAddress> addresses = Fields.Each(request.Addresses, "addresses", Registration.MaxAddresses, Fields.Address);
        return addresses.IsEmpty
            ? throw RefusedException.Invalid("addresses", "addresses is empty: give at least one")
            : new RegisterNames(
                Fields.Required(request.Network, "network"),
                DnsName.Parse(request.Name, "name"),
                [.. addresses.Distinct()],
                Fields.Each(request.Aliases, "aliases", Registration.MaxAliases, DnsName.Parse));
    }

    /// <summary>A registration to take back.</summary>
    public static DeregisterNames ToChange(DeregisterRequest request) =>
        new(Fields.Required(request.Network, "network"), DnsName.Parse(request.Name, "name"));
}
