// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace Resolver.Cli.Commands;

/// <summary>resolver network create.</summary>
internal sealed class NetworkCreate
{
    private readonly Argument<string> _name = Options.Name("NAME", "The network's name, also the suffix of its names: db.NAME");
    private readonly Option<string[]> _subnet = Options.Texts(
        "--subnet", "CIDR", "Its subnet of each family (default: the next free one of the daemon's pools; 0.0.0.0/24 or ::/80: one of that length)");

    private readonly Option<string[]> _gateway = Options.Texts("--gateway", "IP", "The bridge's address in a subnet (default: the first)");
    private readonly Option<string[]> _range = Options.Texts("--ip-range", "CIDR", "The part of a subnet from which addresses are chosen (default: all)");
    private readonly Option<string[]> _reserved = Options.Texts("--aux-address", "[NAME=]IP", "An address that no endpoint gets");
    private readonly Option<bool> _ipv4 = new("--ipv4") { HelpName = "BOOL", Description = "Whether it has IPv4 (default true)", DefaultValueFactory = _ => true };
    private readonly Option<bool> _ipv6 = new("--ipv6") { Description = "Give it IPv6, too" };
    private readonly Option<bool> _internal = new("--internal") { Description = "No way out and no way in: no default route, no upstreams, nothing of the host" };
    private readonly Option<bool> _icc = new("--icc")
    {
        HelpName = "BOOL",
        Description = "Whether its endpoints may talk to each other (default true)",
        DefaultValueFactory = _ => true,
    };

    private readonly Option<uint?> _mtu = new("--mtu") { HelpName = "N", Description = "MTU in octets (default 1500)" };
    private readonly Option<string[]> _dns = Options.Upstreams("the host's");
    private readonly Option<string[]> _search = Options.Texts("--search", "DOMAIN", "Search domain for resolv.conf");
    private readonly Option<uint?> _nameTtl = new("--name-ttl") { HelpName = "SECONDS", Description = "TTL of its names, 1 to 86400 (default 5)" };
    private readonly Option<bool> _single = new("--forward-single-labels")
    {
        Description = "Ask upstreams for names without a dot that no network knows (default: they do not exist, and no internal name leaves the host)",
    };

    private readonly Option<string[]> _options = Options.Texts("--opt", "KEY=VALUE", $"Set {NetworkOptions.Names}, or one of Docker's bridge options", "-o");
    private readonly Option<string[]> _label = Options.Texts("--label", "KEY=VALUE", "Note something about it");

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        NetworkCreate create = new();
        Command command = new ExampleCommand("create", "Make a network")
        {
            Examples =
            [
                "resolver network create app",
                "resolver network create app --subnet 172.30.0.0/24 --dns 9.9.9.9",
                "resolver network create app --ipv6 --opt gateway_mode_ipv6=routed",
                "resolver network create backend --internal",
            ],
        };
        command.Add(create._name);
        Option[] options =
        [
            create._subnet, create._gateway, create._range, create._reserved, create._ipv4, create._ipv6, create._internal, create._icc, create._mtu,
            create._dns, create._search, create._nameTtl, create._single, create._options, create._label,
        ];
        foreach (Option option in options)
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            CreateNetworkRequest request = create.Request(parsed);
            using DaemonClient client = session.Open(parsed);
            CreateNetworkResponse response = await client.Networks.CreateNetworkAsync(request, DaemonClient.Within(cancellationToken));
            await session.Output.WriteLineAsync(response.Network.Id);
            return 0;
        });
        return command;
    }

    private CreateNetworkRequest Request(ParseResult parsed)
    {
        CreateNetworkRequest request = new()
        {
            Name = parsed.GetValue(_name)!,
            NoIpv4 = !parsed.GetValue(_ipv4),
            Ipv6 = parsed.GetValue(_ipv6),
            ForwardSingleLabels = parsed.GetValue(_single),
            Policy = new TrafficPolicy { Internal = parsed.GetValue(_internal), SeparatePeers = !parsed.GetValue(_icc) },
        };
        request.Subnets.AddRange(SubnetText.Parse(
            parsed.GetValue(_subnet)!, parsed.GetValue(_gateway)!, parsed.GetValue(_range)!, parsed.GetValue(_reserved)!));
        if (parsed.GetValue(_mtu) is { } octets)
        {
            request.Mtu = octets;
        }

        if (parsed.GetValue(_nameTtl) is { } seconds)
        {
            request.NameTtl = new Duration { Seconds = seconds };
        }

        request.Upstreams.AddRange(parsed.GetValue(_dns));
        request.Search.AddRange(parsed.GetValue(_search));
        foreach (string option in parsed.GetValue(_options)!)
        {
            NetworkOptions.Apply(request, option);
        }

        foreach ((string key, string value) in parsed.GetValue(_label)!.Select(Label))
        {
            request.Labels[key] = value;
        }

        return request;
    }

    private static (string Key, string Value) Label(string text)
    {
        string[] parts = text.Split('=', 2);
        return parts[0].Length > 0 ? (parts[0], parts.Length == 2 ? parts[1] : "") : throw new UsageException($"'{text}' is no label: write KEY=VALUE");
    }
}
