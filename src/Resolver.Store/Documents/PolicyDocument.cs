// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Resolver.Core.Names;
using Resolver.Core.Networks;

namespace Resolver.Store.Documents;

/// <summary>A network's policy as it is stored; what is left out is the default. Its members are the format on disk: renaming one needs a migration.</summary>
internal sealed record PolicyDocument(
    bool IsInternal = false,
    bool AllowsPeers = true,
    string? IPv4Mode = null,
    string? IPv6Mode = null,
    ImmutableArray<string>? TrustedLinks = null,
    bool Masquerades = true,
    ImmutableArray<string>? SourceAddresses = null,
    bool AllowsSpoofing = false)
{
    internal static PolicyDocument Of(TrafficPolicy policy) => new(
        policy.IsInternal,
        policy.AllowsPeers,
        TextOf(policy.IPv4Mode),
        TextOf(policy.IPv6Mode),
        policy.TrustedLinks.IsEmpty ? null : [.. policy.TrustedLinks.Select(link => link.Value)],
        policy.Masquerades,
        policy.SourceAddresses.IsEmpty ? null : Text.Of(policy.SourceAddresses),
        policy.AllowsSpoofing);

    internal TrafficPolicy ToPolicy() => new()
    {
        IsInternal = IsInternal,
        AllowsPeers = AllowsPeers,
        IPv4Mode = ModeOf(IPv4Mode),
        IPv6Mode = ModeOf(IPv6Mode),
        TrustedLinks = TrustedLinks is { } links ? [.. links.Select(link => InterfaceName.Parse(link, "trustedLinks"))] : [],
        Masquerades = Masquerades,
        SourceAddresses = SourceAddresses is { } addresses ? Text.ToAddresses(addresses) : [],
        AllowsSpoofing = AllowsSpoofing,
    };

    private static string? TextOf(GatewayMode mode) => mode == GatewayMode.Nat ? null : GatewayModes.NameOf(mode);

    private static GatewayMode ModeOf(string? text) => text is null ? GatewayMode.Nat
        : GatewayModes.TryParse(text, out GatewayMode mode) ? mode
        : throw new FormatException($"'{Printable.Quote(text)}' is no gateway mode");
}
