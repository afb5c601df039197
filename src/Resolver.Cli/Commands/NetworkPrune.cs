// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Grpc.Core;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network prune.</summary>
internal static class NetworkPrune
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Option<bool> force = new("--force", "-f") { Description = "Do not ask" };
        Command command = new ExampleCommand("prune", "Remove all networks that no sandbox is connected to") { force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(force) && !await Question.AgreesAsync(session.Output, "This removes all networks that no sandbox is connected to."))
            {
                return 0;
            }

            using DaemonClient client = session.Open(parsed);
            ListNetworksResponse networks = await client.Networks.ListNetworksAsync(new ListNetworksRequest(), DaemonClient.Within(cancellationToken));
            foreach (Network network in networks.Networks.Where(network => !network.IsDefault && network.EndpointCount == 0))
            {
                if (await TryRemoveAsync(client, network, cancellationToken))
                {
                    await session.Output.WriteLineAsync(network.Name);
                }
            }

            return 0;
        });
        return command;
    }

    private static async Task<bool> TryRemoveAsync(DaemonClient client, Network network, CancellationToken cancellationToken)
    {
        try
        {
            await client.Networks.RemoveNetworkAsync(new RemoveNetworkRequest { Network = network.Id }, DaemonClient.Within(cancellationToken));
            return true;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            // Somebody removed it, or connected to it, since it was listed.
            return false;
        }
    }
}
