// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver names.</summary>
internal static class Names
{
    private static readonly string[] Heading = ["NAME", "ADDRESSES", "OWNER", "OF"];

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> network = Options.Name("NETWORK", "Name or id");
        Option<OutputFormat> format = Options.Format();
        Command command = new ExampleCommand("names", "List the names that resolve on a network, with their owners") { network, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ListNamesRequest request = new() { Network = parsed.GetValue(network)! };
            using DaemonClient client = session.Open(parsed);
            ListNamesResponse response = await client.Registry.ListNamesAsync(request, DaemonClient.Within(cancellationToken));
            Listing.Print(session.Output, parsed.GetValue(format), quiet: false, new Listing<NameEntry>(response.Names, Heading, Row, entry => entry.Name));
            return 0;
        });
        return command;
    }

    private static string[] Row(NameEntry entry) =>
        [entry.Name, Text.List(entry.Addresses), entry.Owner == NameOwner.Endpoint ? "sandbox" : "registration", entry.OwnerName];
}
