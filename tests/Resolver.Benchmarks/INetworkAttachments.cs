// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Benchmarks;

/// <summary>A way to put namespaces on a network, one after another, each into a namespace that nothing was done to.</summary>
internal interface INetworkAttachments
{
    /// <summary>For the table.</summary>
    string Name { get; }

    /// <summary>How many namespaces there are.</summary>
    int Count { get; }

    /// <summary>Attaches the next namespace; throws when that fails or none is left.</summary>
    Task AttachNextAsync();
}
