// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver dns flush.</summary>
internal static class DnsFlush
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Argument<string?> name = new("NAME") { Description = "Forget this name alone (default: everything)", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> below = new("--below") { Description = "Forget the names below it as well" };
        Option<string?> network = Options.Text("--network", "NETWORK", "Forget what this network's upstreams said");
        Command command = new ExampleCommand("flush", "Forget what upstreams answered; names of networks are never cached") { name, below, network };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            FlushCacheRequest request = new()
            {
                Name = parsed.GetValue(name) ?? "",
                Below = parsed.GetValue(below),
                Network = parsed.GetValue(network) ?? "",
            };
            using DaemonClient client = session.Open(parsed);
            FlushCacheResponse response = await client.Dns.FlushCacheAsync(request, DaemonClient.Within(cancellationToken));
            await session.Output.WriteLineAsync($"{response.Forgotten} replies forgotten");
            return 0;
        });
        return command;
    }
}
