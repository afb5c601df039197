// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Failures;
using Resolver.Core.Names;

namespace Resolver.Core.Endpoints;

/// <summary>A name that one sandbox alone has for a peer on the endpoint's network (--link). It follows the peer, who may come later, move or go.</summary>
/// <param name="Target">The peer's name on the network.</param>
/// <param name="Alias">What the sandbox calls it.</param>
public sealed record EndpointLink(DnsName Target, DnsName Alias)
{
    /// <summary>Reads <c>OTHER</c> or <c>OTHER:ALIAS</c>.</summary>
    /// <exception cref="RefusedException">Not of that form, or one of the two is no name.</exception>
    public static EndpointLink Parse(string text, string field)
    {
        string[] parts = text.Split(':');
        if (parts.Length > 2)
        {
            throw RefusedException.Invalid(field, $"{field} '{Printable.Quote(text)}' is no link: write OTHER or OTHER:ALIAS");
        }

        DnsName target = DnsName.Parse(parts[0], field);
        return new EndpointLink(target, parts.Length == 2 ? DnsName.Parse(parts[1], field) : target);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Target}:{Alias}";
}
