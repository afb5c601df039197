// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Resolver.Contract.V1;

namespace Resolver.Cli;

/// <summary>Reads --opt of network create: our names, and Docker's for the same.</summary>
internal static class NetworkOptions
{
    private static readonly (string Name, string Docker, Action<CreateNetworkRequest, string> Set)[] All =
    [
        ("bridge", "com.docker.network.bridge.name", (request, value) => request.Bridge = value),
        ("icc", "com.docker.network.bridge.enable_icc", (request, value) => request.Policy.SeparatePeers = !Truth(value)),
        ("masquerade", "com.docker.network.bridge.enable_ip_masquerade", (request, value) => request.Policy.KeepSourceAddresses = !Truth(value)),
        ("gateway_mode_ipv4", "com.docker.network.bridge.gateway_mode_ipv4", (request, value) => request.Policy.Ipv4Mode = Mode(value)),
        ("gateway_mode_ipv6", "com.docker.network.bridge.gateway_mode_ipv6", (request, value) => request.Policy.Ipv6Mode = Mode(value)),
        ("publish_address", "com.docker.network.bridge.host_binding_ipv4", (request, value) => request.PublishAddress = value),
        ("trusted", "com.docker.network.bridge.trusted_host_interfaces", (request, value) => request.Policy.TrustedLinks.AddRange(value.Split(':'))),
        ("source_ipv4", "com.docker.network.host_ipv4", (request, value) => request.Policy.SourceAddresses.Add(value)),
        ("source_ipv6", "com.docker.network.host_ipv6", (request, value) => request.Policy.SourceAddresses.Add(value)),
        ("mtu", "com.docker.network.driver.mtu", (request, value) => request.Mtu = Number(value)),
        ("ipv4", "com.docker.network.enable_ipv4", (request, value) => request.NoIpv4 = !Truth(value)),
        ("ipv6", "com.docker.network.enable_ipv6", (request, value) => request.Ipv6 = Truth(value)),
        ("advertise_addr_nmsgs", "com.docker.network.advertise_addr_nmsgs", (request, value) => request.AddressAnnouncements = Number(value)),
        ("advertise_addr_ms", "com.docker.network.advertise_addr_ms",
            (request, value) => request.AddressAnnouncementInterval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(Number(value)))),
        ("allow_spoofing", "", (request, value) => request.Policy.AllowSpoofing = Truth(value)),
    ];

    /// <summary>Our names, for help.</summary>
    public static string Names => string.Join(", ", All.Select(option => option.Name));

    /// <summary>Sets an option.</summary>
    /// <exception cref="UsageException">There is no such option, or its value makes no sense.</exception>
    public static void Apply(CreateNetworkRequest request, string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length < 2 || parts[1].Length == 0)
        {
            throw new UsageException($"'{text}' is no option: write KEY=VALUE");
        }

        Action<CreateNetworkRequest, string> set = Array.Find(All, option => parts[0] == option.Name || (parts[0] == option.Docker && parts[0].Length > 0)).Set
            ?? throw new UsageException($"there is no option '{parts[0]}': a network has {Names}, and Docker's names for them");
        try
        {
            set(request, parts[1]);
        }
        catch (FormatException e)
        {
            throw new UsageException($"--opt {text}: {e.Message}");
        }
    }

    private static bool Truth(string value) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new FormatException("write true or false"),
    };

    private static uint Number(string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : throw new FormatException("write a number");

    private static GatewayMode Mode(string value) => value switch
    {
        "nat" => GatewayMode.Nat,
        "routed" => GatewayMode.Routed,
        "nat-unprotected" => GatewayMode.NatUnprotected,
        "isolated" => GatewayMode.Isolated,
        _ => throw new FormatException("write nat, routed, nat-unprotected or isolated"),
    };
}
