// SPDX-License-Identifier: Apache-2.0

using System.Net;
using Resolver.Contract.V1;

namespace Resolver.Cli;

/// <summary>Puts --subnet, --gateway, --ip-range and --aux-address together: each goes to the subnet that it lies in.</summary>
internal static class SubnetText
{
    /// <summary>The subnets of a request. The daemon judges what they hold.</summary>
    /// <exception cref="UsageException">An address that lies in none of them.</exception>
    public static IEnumerable<NetworkSubnet> Parse(string[] subnets, string[] gateways, string[] ranges, string[] reserved)
    {
        NetworkSubnet[] parsed = [.. subnets.Select(subnet => new NetworkSubnet { Subnet = subnet })];
        foreach (string gateway in gateways)
        {
            NetworkSubnet subnet = HomeOf(parsed, gateway, "--gateway");
            subnet.Gateway = subnet.Gateway.Length == 0 ? gateway : throw new UsageException($"--gateway {gateway}: {subnet.Subnet} has gateway {subnet.Gateway} already");
        }

        foreach (string range in ranges)
        {
            NetworkSubnet subnet = HomeOf(parsed, range, "--ip-range");
            subnet.IpRange = subnet.IpRange.Length == 0 ? range : throw new UsageException($"--ip-range {range}: {subnet.Subnet} has range {subnet.IpRange} already");
        }

        foreach (string address in reserved.Select(text => text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..]))
        {
            HomeOf(parsed, address, "--aux-address").Reserved.Add(address);
        }

        return parsed;
    }

    // One that lies in none goes to the one of its family, whose own error says more.
    private static NetworkSubnet HomeOf(NetworkSubnet[] subnets, string text, string option)
    {
        if (subnets.Length == 0)
        {
            throw new UsageException($"{option} {text} needs a subnet to lie in: add --subnet");
        }

        if (!IPAddress.TryParse(text.Split('/')[0], out IPAddress? address))
        {
            throw new UsageException($"{option} {text}: that is no address");
        }

        return Array.Find(subnets, subnet => IPNetwork.TryParse(subnet.Subnet, out IPNetwork prefix) && prefix.Contains(address))
            ?? Array.Find(subnets, subnet => IPNetwork.TryParse(subnet.Subnet, out IPNetwork prefix) && prefix.BaseAddress.AddressFamily == address.AddressFamily)
            ?? subnets[0];
    }
}
