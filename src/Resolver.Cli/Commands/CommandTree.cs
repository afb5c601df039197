// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.CommandLine.Help;

namespace Resolver.Cli.Commands;

/// <summary>All commands.</summary>
internal static class CommandTree
{
    /// <summary>The root, <c>resolver</c>.</summary>
    public static Command Create(Session session)
    {
        Command network = new ExampleCommand("network", "Make, show and join networks")
        {
            NetworkCreate.Create(session),
            NetworkLs.Create(session),
            NetworkInspect.Create(session),
            NetworkRm.Create(session),
            NetworkPrune.Create(session),
            NetworkConnect.Create(session),
            NetworkDisconnect.Create(session),
        };
        Command dns = new ExampleCommand("dns", "Ask and look into the DNS responders")
        {
            DnsQuery.Create(session),
            DnsStats.Create(session),
            DnsFlush.Create(session),
        };
        Command root = new ExampleCommand("resolver", "Networks, published ports and names for processes in network namespaces")
        {
            Examples =
            [
                "resolver network create app --subnet 172.30.0.0/24",
                "resolver run --network app --name db -- postgres -D /srv/db",
                "resolver run --network app --name web -p 8080:80 -- nginx -g 'daemon off;'",
                "resolver exec web -- dig db",
                "resolver tree",
            ],
        };
        Command[] commands =
        [
            Run.Create(session), Exec.Create(session), Ps.Create(session), Rm.Create(session), network,
            Publish.Create(session), Unpublish.Create(session), Port.Create(session),
            Register.Create(session), Deregister.Create(session), Names.Create(session), dns,
            Tree.Create(session), Status.Create(session), Down.Create(session), Down.CreateUninstall(session),
            Version.Create(session), Completion.Create(session),
        ];
        foreach (Command command in commands)
        {
            root.Add(command);
        }

        root.Add(session.Socket);
        root.Add(new HelpOption("--help", "-h") { Description = "Show this help and exit", Action = new CommandHelp(), Recursive = true });
        return root;
    }
}
