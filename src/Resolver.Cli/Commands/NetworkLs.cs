// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.Globalization;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network ls.</summary>
internal static class NetworkLs
{
    private static readonly string[] Heading = ["NETWORK ID", "NAME", "SUBNET", "GATEWAY", "BRIDGE", "SANDBOXES"];

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Option<OutputFormat> format = Options.Format();
        Option<bool> quiet = Options.Quiet();
        Command command = new ExampleCommand("ls", "List the networks") { format, quiet };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            ListNetworksResponse response = await client.Networks.ListNetworksAsync(new ListNetworksRequest(), DaemonClient.Within(cancellationToken));
            Listing.Print(session.Output, parsed.GetValue(format), parsed.GetValue(quiet), new Listing<Network>(response.Networks, Heading, Row, network => network.Id));
            return 0;
        });
        return command;
    }

    private static string[] Row(Network network) =>
    [
        Text.ShortId(network.Id),
        network.Name,
        Text.List(network.Subnets.Select(subnet => subnet.Subnet)),
        Text.List(network.Subnets.Select(subnet => subnet.Gateway).Where(gateway => gateway.Length > 0)),
        network.Bridge,
        network.EndpointCount.ToString(CultureInfo.InvariantCulture),
    ];
}
