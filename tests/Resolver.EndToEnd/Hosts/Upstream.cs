// SPDX-License-Identifier: Apache-2.0

namespace Resolver.EndToEnd.Hosts;

/// <summary>The upstream of a host: dnsmasq at 198.51.100.53, which knows these names and logs every question.</summary>
public static class Upstream
{
    public const string OutsideAddress = "203.0.113.80";

    /// <summary>The address of both.example.org beside <see cref="OutsideAddress"/>; alias.example.org leads there over middle.example.org.</summary>
    public const string OutsideAddress6 = "2001:db8:80::80";

    /// <summary>A TXT of 3,000 octets: twelve strings of 250, too much for any datagram.</summary>
    public const int BigTextOctets = 12 * 250;

    public static string StartScript { get; } = $$"""
        big=$(printf ',%s' $(for c in a b c d e f g h i j k l; do head -c 250 /dev/zero | tr '\0' $c; echo; done))
        background upstream ip netns exec upstream dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root \
          --pid-file= --bind-interfaces --listen-address=198.51.100.53 --log-queries --log-facility=- --local-ttl=300 \
          --host-record=www.example.org,{{OutsideAddress}} --txt-record=big.example.org$big --local=/#/ \
          --host-record=both.example.org,{{OutsideAddress}},{{OutsideAddress6}} --cname=alias.example.org,middle.example.org \
          --cname=middle.example.org,both.example.org
        eventually ip netns exec upstream dig +tries=1 +time=1 @198.51.100.53 www.example.org
        """;
}
