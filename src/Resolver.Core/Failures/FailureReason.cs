// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Failures;

/// <summary>Why a request is refused. Each value maps to exactly one gRPC status (the table is in the daemon).</summary>
public enum FailureReason
{
    /// <summary>A field of the request can't be what it is; <see cref="RefusedException.Subject"/> names the field.</summary>
    InvalidArgument,

    /// <summary>The object that the request names does not exist.</summary>
    NotFound,

    /// <summary>A name, address or port that the request wants is taken.</summary>
    AlreadyExists,

    /// <summary>The object is in a state that forbids the request, for example in use by another.</summary>
    FailedPrecondition,

    /// <summary>A pool (addresses, subnets, ports, queue places) has nothing left.</summary>
    Exhausted,

    /// <summary>The daemon lacks a privilege that the request needs.</summary>
    PermissionDenied,

    /// <summary>Something the request depends on (the store, the daemon while it starts or stops) can't serve now.</summary>
    Unavailable,
}
