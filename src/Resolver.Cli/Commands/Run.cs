// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Grpc.Core;
using Resolver.Cli.Connection;
using Resolver.Contract.V1;
using Resolver.Linux;

namespace Resolver.Cli.Commands;

/// <summary>
/// resolver run. This process becomes the program (same pid), so signals and the exit status are the program's own, and the daemon
/// removes the sandbox when the pid ends, however it ends.
/// </summary>
internal sealed class Run
{
    private readonly Option<string?> _network = Options.Text("--network", "NETWORK", "Name or id (default: the default network, where names of peers do not resolve)");
    private readonly Option<string?> _name = Options.Text("--name", "NAME", "The sandbox's name (default: made of its id)");
    private readonly Option<string?> _hostname = Options.Text("--hostname", "NAME", "The host name inside (default: the sandbox's name)");
    private readonly Option<string[]> _alias = Options.Texts("--alias", "NAME", "Further name on the network");
    private readonly Option<string[]> _ip = Options.Texts("--ip", "IP", "Its address, of each family (default: the next free one)", "--ip6");
    private readonly Option<int> _priority = Options.GatewayPriority();
    private readonly Option<string[]> _dns = Options.Upstreams("the network's");
    private readonly Option<string[]> _publish = Options.Publish();
    private readonly EndpointOptions _endpoint = new();

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        Run run = new();
        Command command = new ExampleCommand("run", "Start a program in a new sandbox: resolver run [options] -- CMD")
        {
            Examples =
            [
                "resolver run --network app --name db -- postgres -D /srv/db",
                "resolver run --network app --name web -p 8080:80 -- nginx -g 'daemon off;'",
                "resolver run --network app -- dig db",
            ],
        };
        Option[] options = [run._network, run._name, run._hostname, run._alias, run._ip, run._dns, run._publish, run._priority];
        foreach (Option option in options.Concat(run._endpoint.All))
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            ConnectRequest connect = run.ConnectRequest(parsed);
            Sandbox sandbox;
            using (DaemonClient client = session.Open(parsed))
            {
                CreateSandboxResponse created =
                    await client.Endpoints.CreateSandboxAsync(run.CreateRequest(parsed), DaemonClient.Within(cancellationToken));
                sandbox = created.Sandbox;
                connect.Sandbox = sandbox.Id;
                await UndoOnFailureAsync(client, sandbox, async () =>
                {
                    await client.Endpoints.ConnectAsync(connect, DaemonClient.Within(cancellationToken));
                    SandboxEntry.Execute(sandbox, session.Program);
                });
            }

            return 0;
        });
        return command;
    }

    private static async Task UndoOnFailureAsync(DaemonClient client, Sandbox sandbox, Func<Task> steps)
    {
        try
        {
            await steps();
        }
        catch (Exception e) when (e is RpcException or KernelException)
        {
            try
            {
                await client.Endpoints.RemoveSandboxAsync(new RemoveSandboxRequest { Sandbox = sandbox.Id }, DaemonClient.Within(CancellationToken.None));
            }
            catch (RpcException)
            {
                // The first failure says more, and the daemon removes the sandbox with this process in any case.
            }

            throw;
        }
    }

    private CreateSandboxRequest CreateRequest(ParseResult parsed)
    {
        CreateSandboxRequest request = new()
        {
            Name = parsed.GetValue(_name) ?? "",
            Hostname = parsed.GetValue(_hostname) ?? "",
            ProcessId = Environment.ProcessId,
        };
        request.Upstreams.AddRange(parsed.GetValue(_dns));
        return request;
    }

    private ConnectRequest ConnectRequest(ParseResult parsed)
    {
        ConnectRequest request = new() { Network = parsed.GetValue(_network) ?? "", GatewayPriority = parsed.GetValue(_priority) };
        request.Aliases.AddRange(parsed.GetValue(_alias));
        request.Ports.AddRange(parsed.GetValue(_publish)!.Select(PortText.Parse));
        request.Addresses.AddRange(parsed.GetValue(_ip));
        _endpoint.Apply(parsed, request);
        return request;
    }
}
