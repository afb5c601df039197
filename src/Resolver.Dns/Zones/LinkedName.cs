// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Names;

namespace Resolver.Dns.Zones;

/// <summary>A name that one sandbox alone has for a name of a zone. It has what that name has when it is asked for, be it nothing.</summary>
/// <param name="Name">What is asked for; as it stands, or qualified by the zone's origin.</param>
/// <param name="Zone">Where the other is found, whether the sandbox sees that zone or not.</param>
/// <param name="Target">The name in that zone.</param>
public sealed record LinkedName(DnsName Name, Zone Zone, DnsName Target);
