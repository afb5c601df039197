// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver register.</summary>
internal static class Register
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string> network = Options.Name("NETWORK", "Name or id");
        Argument<string> name = Options.Name("NAME", "The name, without the network's behind it");
        Option<string[]> ip = Options.Texts("--ip", "IP", "An address of it, of any family");
        ip.Required = true;
        ip.DefaultValueFactory = null;
        Option<string[]> alias = Options.Texts("--alias", "NAME", "Further name for the same addresses");
        Command command = new ExampleCommand("register", "Make a name resolve to addresses that the daemon did not build")
        {
            Examples = ["resolver register app cache --ip 10.0.0.5 --ip 10.0.0.6"],
        };
        command.Add(network);
        command.Add(name);
        command.Add(ip);
        command.Add(alias);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RegisterRequest request = new() { Network = parsed.GetValue(network)!, Name = parsed.GetValue(name)! };
            request.Addresses.AddRange(parsed.GetValue(ip));
            request.Aliases.AddRange(parsed.GetValue(alias));
            using DaemonClient client = session.Open(parsed);
            await client.Registry.RegisterAsync(request, DaemonClient.Within(cancellationToken));
            return 0;
        });
        return command;
    }
}
