// SPDX-License-Identifier: Apache-2.0

namespace Resolver.Core.Networks;

/// <summary>The gateway modes by the names that Docker gives them.</summary>
public static class GatewayModes
{
    /// <summary><c>nat</c>, <c>routed</c>, <c>nat-unprotected</c> or <c>isolated</c>.</summary>
    public static string NameOf(GatewayMode mode) => mode switch
    {
        GatewayMode.Nat => "nat",
        GatewayMode.Routed => "routed",
        GatewayMode.NatUnprotected => "nat-unprotected",
        GatewayMode.Isolated => "isolated",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "no gateway mode"),
    };

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string text, out GatewayMode mode)
    {
        (bool isKnown, mode) = text switch
        {
            "nat" => (true, GatewayMode.Nat),
            "routed" => (true, GatewayMode.Routed),
            "nat-unprotected" => (true, GatewayMode.NatUnprotected),
            "isolated" => (true, GatewayMode.Isolated),
            _ => (false, default),
        };
        return isKnown;
    }
}
