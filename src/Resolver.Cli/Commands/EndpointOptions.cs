// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>What `network connect` and `run` say about an endpoint's own settings: our words, and those of Docker's --driver-opt.</summary>
internal sealed class EndpointOptions
{
    private readonly Option<uint?> _mtu = new("--mtu") { HelpName = "N", Description = "MTU of its interface, at most the network's (default: the network's)" };
    private readonly Option<string[]> _sysctl = Options.Texts(
        "--sysctl", "KEY=VALUE", "Kernel parameter of its interface, such as net.ipv4.conf.IFNAME.log_martians=1 (write IFNAME)");

    private readonly Option<string[]> _route = Options.Texts("--route", "CIDR=GATEWAY", "Route inside by way of a neighbour on the network");
    private readonly Option<string[]> _link = Options.Texts(
        "--link", "OTHER[:ALIAS]", "Name of its own for a peer on the network (on the default network deprecated, as with Docker: use a network of your own)");

    private readonly Option<string[]> _driver = Options.Texts("--driver-opt", "KEY=VALUE", "The same in Docker's words: com.docker.network.endpoint.sysctls, .ifname");

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_link, _mtu, _sysctl, _route, _driver];

    /// <summary>Writes what was given into a request.</summary>
    /// <exception cref="UsageException">There is no such option, or its value makes no sense.</exception>
    public void Apply(ParseResult parsed, ConnectRequest request)
    {
        if (parsed.GetValue(_mtu) is { } octets)
        {
            request.Mtu = octets;
        }

        request.Links.AddRange(parsed.GetValue(_link));
        request.Sysctls.AddRange(parsed.GetValue(_sysctl));
        request.Routes.AddRange(parsed.GetValue(_route)!.Select(Route));
        foreach (string option in parsed.GetValue(_driver)!)
        {
            Apply(request, option);
        }
    }

    private static StaticRoute Route(string text)
    {
        string[] parts = text.Split('=');
        return parts is [{ Length: > 0 }, { Length: > 0 }]
            ? new StaticRoute { Destination = parts[0], Gateway = parts[1] }
            : throw new UsageException($"'{text}' is no route: write CIDR=GATEWAY, such as 10.8.0.0/16=172.30.0.9");
    }

    private static void Apply(ConnectRequest request, string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length < 2 || parts[1].Length == 0)
        {
            throw new UsageException($"'{text}' is no option: write KEY=VALUE");
        }

        switch (parts[0])
        {
            case "com.docker.network.endpoint.sysctls":
                request.Sysctls.AddRange(parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                break;
            case "com.docker.network.endpoint.ifname":
                request.SandboxLink = parts[1];
                break;
            case "com.docker.network.driver.mtu" when uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint mtu):
                request.Mtu = mtu;
                break;
            default:
                throw new UsageException($"--driver-opt {text}: an endpoint has com.docker.network.endpoint.sysctls, .endpoint.ifname and .driver.mtu (a number)");
        }
    }
}
