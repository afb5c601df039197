// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Networks;

/// <summary>What a network's gateway does with one address family; Docker's <c>com.docker.network.bridge.gateway_mode_ipv4</c> and <c>_ipv6</c>.</summary>
public enum GatewayMode
{
    /// <summary>Addresses are private: what leaves is masqueraded, what comes in goes through published ports.</summary>
    Nat,

    /// <summary>Addresses are public: nothing is rewritten, published ports are reached at the endpoint's own address, the others not at all.</summary>
    Routed,

    /// <summary>As <see cref="Nat"/>, and every port of every endpoint is reached at its own address, too.</summary>
    NatUnprotected,

    /// <summary>The bridge has no address, so that not even the host reaches the network; internal networks only.</summary>
    Isolated,
}
