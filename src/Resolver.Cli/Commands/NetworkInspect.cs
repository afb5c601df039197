// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Text.Json.Nodes;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network inspect.</summary>
internal static class NetworkInspect
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string[]> names = Options.Names("NETWORK", "Names or ids");
        Command command = new ExampleCommand("inspect", "Show networks with their endpoints, as a JSON array")
        {
            Examples = ["resolver network inspect app", "resolver network inspect app | jq -r '.[0].endpoints[].addresses[0]'"],
        };
        command.Add(names);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            JsonArray networks = [];
            foreach (string name in parsed.GetValue(names)!)
            {
                GetNetworkResponse response = await client.Networks.GetNetworkAsync(new GetNetworkRequest { Network = name }, DaemonClient.Within(cancellationToken));
                JsonObject network = Json.Node(response.Network);
                network["endpoints"] = Json.Array(response.Endpoints);
                networks.Add((JsonNode)network);
            }

            Json.Print(session.Output, networks);
            return 0;
        });
        return command;
    }
}
