// SPDX-License-Identifier: Apache-2.0

using Resolver.Core.Endpoints;
using Resolver.Core.Names;

namespace Resolver.Control;

/// <summary>Orders endpoints by the time they were connected.</summary>
/// <param name="CreatedAt">The time.</param>
/// <param name="Id">Tells those of the same instant apart.</param>
internal readonly record struct EndpointKey(DateTimeOffset CreatedAt, ObjectId Id) : IComparable<EndpointKey>
{
    internal static EndpointKey Of(Endpoint endpoint) => new(endpoint.CreatedAt, endpoint.Id);

    /// <inheritdoc/>
    public int CompareTo(EndpointKey other) =>
        CreatedAt.CompareTo(other.CreatedAt) is not 0 and int byTime ? byTime : string.CompareOrdinal(Id.Value, other.Id.Value);
}
