// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Resolver.Cli.Connection;
using Resolver.Cli.Output;
using Resolver.Contract.V1;

namespace Resolver.Cli.Commands;

/// <summary>resolver network connect.</summary>
internal sealed class NetworkConnect
{
    private readonly Argument<string?> _network = new("NETWORK") { Description = "Name or id (default with --netns and --pid: the default network)", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string?> _sandbox = new("SANDBOX") { Description = "Name or id of a sandbox that is known", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _netns = Options.Text("--netns", "PATH", "Connect the namespace of this file, such as /run/netns/web");
    private readonly Option<int?> _pid = new("--pid") { HelpName = "N", Description = "Connect the namespace of this process, as long as it lives" };
    private readonly Option<string?> _name = Options.Text("--name", "NAME", "Name of the sandbox that this makes known");
    private readonly Option<string[]> _alias = Options.Texts("--alias", "NAME", "Further name on this network");
    private readonly Option<string[]> _ip = Options.Texts("--ip", "IP", "Its address, of each family (default: the next free one)", "--ip6");
    private readonly Option<int> _priority = Options.GatewayPriority();
    private readonly Option<string?> _mac = Options.Text("--mac", "MAC", "Its MAC address (default: a random one)");
    private readonly Option<string?> _link = Options.Text("--ifname", "NAME", "Its interface's name inside (default: eth0, eth1 and so on)");
    private readonly Option<string[]> _publish = Options.Publish();
    private readonly EndpointOptions _endpoint = new();

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        NetworkConnect connect = new();
        Command command = new ExampleCommand("connect", "Connect a namespace, a process or a sandbox to a network")
        {
            Examples =
            [
                "resolver network connect app --netns /run/netns/web --name web -p 8080:80",
                "resolver network connect app --pid 1234 --name db --alias primary",
                "resolver network connect backend web",
                "resolver network connect backend web --sysctl net.ipv4.conf.IFNAME.log_martians=1 --route 10.8.0.0/16=172.30.0.9",
            ],
        };
        command.Add(connect._network);
        command.Add(connect._sandbox);
        Option[] options =
            [connect._netns, connect._pid, connect._name, connect._alias, connect._ip, connect._mac, connect._link, connect._publish, connect._priority];
        foreach (Option option in options.Concat(connect._endpoint.All))
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            ConnectRequest request = connect.Request(parsed);
            using DaemonClient client = session.Open(parsed);
            ConnectResponse response = await client.Endpoints.ConnectAsync(request, DaemonClient.Within(cancellationToken));
            await session.Output.WriteLineAsync($"{response.Sandbox.Name} {Text.List(response.Endpoint.Addresses)}");
            return 0;
        });
        return command;
    }

    private ConnectRequest Request(ParseResult parsed)
    {
        ConnectRequest request = new()
        {
            Network = parsed.GetValue(_network) ?? "",
            Name = parsed.GetValue(_name) ?? "",
            MacAddress = parsed.GetValue(_mac) ?? "",
            SandboxLink = parsed.GetValue(_link) ?? "",
            GatewayPriority = parsed.GetValue(_priority),
        };
        SetTarget(request, parsed.GetValue(_netns), parsed.GetValue(_pid), parsed.GetValue(_sandbox));
        request.Aliases.AddRange(parsed.GetValue(_alias));
        request.Ports.AddRange(parsed.GetValue(_publish)!.Select(PortText.Parse));
        request.Addresses.AddRange(parsed.GetValue(_ip));
        _endpoint.Apply(parsed, request);
        return request;
    }

    private static void SetTarget(ConnectRequest request, string? netns, int? pid, string? sandbox)
    {
        switch (netns, pid, sandbox)
        {
            case ({ Length: > 0 }, null, null):
                request.NetnsPath = Path.GetFullPath(netns);
                break;
            case (null, { } number, null):
                request.Pid = number;
                break;
            case (null, null, { }):
                request.Sandbox = sandbox;
                break;
            default:
                throw new UsageException("say what to connect: --netns PATH, --pid N, or NETWORK and SANDBOX");
        }
    }
}
