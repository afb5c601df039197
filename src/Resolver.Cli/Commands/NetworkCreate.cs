// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace Resolver.Cli.Commands;

/// <summary>resolver network create.</summary>
internal static class NetworkCreate
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> name = Options.Name("NAME", "The network's name, also the suffix of its names: db.NAME");
        Option<string?> subnet = Options.Text("--subnet", "CIDR", "Its subnet (default: the next free one of the daemon's pools)");
        Option<string?> gateway = Options.Text("--gateway", "IP", "The bridge's address (default: the subnet's first)");
        Option<uint?> mtu = new("--mtu") { HelpName = "N", Description = "MTU in octets (default 1500)" };
        Option<string[]> dns = Options.Upstreams("the host's");
        Option<string[]> search = Options.Texts("--search", "DOMAIN", "Search domain for resolv.conf");
        Option<uint?> nameTtl = new("--name-ttl") { HelpName = "SECONDS", Description = "TTL of its names, 1 to 86400 (default 5)" };
        Option<bool> single = new("--forward-single-labels")
        {
            Description = "Ask upstreams for names without a dot that no network knows (default: they do not exist, and no internal name leaves the host)",
        };
        Option<string[]> label = Options.Texts("--label", "KEY=VALUE", "Note something about it");
        Command command = new ExampleCommand("create", "Make a network")
        {
            Examples = ["resolver network create app", "resolver network create app --subnet 172.30.0.0/24 --dns 9.9.9.9"],
        };
        command.Add(name);
        foreach (Option option in (Option[])[subnet, gateway, mtu, dns, search, nameTtl, single, label])
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            CreateNetworkRequest request = new() { Name = parsed.GetValue(name)! };
            if (parsed.GetValue(subnet) is not null || parsed.GetValue(gateway) is not null)
            {
                request.Subnets.Add(new NetworkSubnet { Subnet = parsed.GetValue(subnet) ?? "", Gateway = parsed.GetValue(gateway) ?? "" });
            }

            if (parsed.GetValue(mtu) is { } octets)
            {
                request.Mtu = octets;
            }

            if (parsed.GetValue(nameTtl) is { } seconds)
            {
                request.NameTtl = new Duration { Seconds = seconds };
            }

            request.ForwardSingleLabels = parsed.GetValue(single);
            request.Upstreams.AddRange(parsed.GetValue(dns));
            request.Search.AddRange(parsed.GetValue(search));
            foreach ((string key, string value) in parsed.GetValue(label)!.Select(Label))
            {
                request.Labels[key] = value;
            }

            using DaemonClient client = session.Open(parsed);
            CreateNetworkResponse response = await client.Networks.CreateNetworkAsync(request, DaemonClient.Within(cancellationToken));
            await session.Output.WriteLineAsync(response.Network.Id);
            return 0;
        });
        return command;
    }

    private static (string Key, string Value) Label(string text)
    {
        string[] parts = text.Split('=', 2);
        return parts[0].Length > 0 ? (parts[0], parts.Length == 2 ? parts[1] : "") : throw new UsageException($"'{text}' is no label: write KEY=VALUE");
    }
}
