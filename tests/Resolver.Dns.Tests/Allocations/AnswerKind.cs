// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Dns.Tests.Allocations;

/// <summary>Answers that need nobody else.</summary>
public enum AnswerKind
{
    /// <summary>A name on the network.</summary>
    LocalName,

    /// <summary>A name without addresses of this type.</summary>
    NoData,

    /// <summary>An address of the network that nobody has.</summary>
    NoAddress,

    /// <summary>An address on the network.</summary>
    LocalAddress,

    /// <summary>A name that an upstream answered before.</summary>
    CacheHit,

    /// <summary>A name that the sandbox alone has for another on the network.</summary>
    LinkedName,
}
