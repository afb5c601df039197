// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver tree.</summary>
internal static class Tree
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Command command = new ExampleCommand("tree", "Draw the networks with links, addresses, names and ports");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using DaemonClient client = session.Open(parsed);
            ListNetworksResponse networks = await client.Networks.ListNetworksAsync(new ListNetworksRequest(), DaemonClient.Within(cancellationToken));
            ListSandboxesResponse sandboxes = await client.Endpoints.ListSandboxesAsync(new ListSandboxesRequest(), DaemonClient.Within(cancellationToken));
            ILookup<string, Endpoint> endpoints = sandboxes.Sandboxes.SelectMany(sandbox => sandbox.Endpoints).ToLookup(endpoint => endpoint.NetworkId);
            foreach (Network network in networks.Networks)
            {
                ListNamesResponse names = await client.Registry.ListNamesAsync(new ListNamesRequest { Network = network.Id }, DaemonClient.Within(cancellationToken));
                Drawing.Network(session.Output, network, [.. endpoints[network.Id]], names.Names);
            }

            return 0;
        });
        return command;
    }
}
