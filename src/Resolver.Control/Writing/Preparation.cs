// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Resolver.Control.Changes;
using Resolver.Control.Sandboxes;
using Resolver.Core.Endpoints;
using Resolver.Core.Failures;
using Resolver.Core.Names;
using Resolver.Core.Networks;
using Resolver.Linux;
using Resolver.Linux.Namespaces;
using Resolver.Linux.Processes;
using Resolver.Networking;
using Resolver.Networking.Publishing;

namespace Resolver.Control.Writing;

/// <summary>Finds out what an admission needs to know of the kernel, before the writer sees the change: the writer never waits for the kernel.</summary>
internal sealed class Preparation
{
    private readonly HostNetworking _networking;
    private readonly Func<ImmutableArray<IPAddress>> _hostNameservers;
    private readonly NetnsIdentity _host;

    /// <summary>The calling thread's namespace is the host's.</summary>
    /// <param name="networking">Who knows the kernel.</param>
    /// <param name="hostNameservers">Tells the addresses of the host's nameservers.</param>
    internal Preparation(HostNetworking networking, Func<ImmutableArray<IPAddress>> hostNameservers)
    {
        _networking = networking;
        _hostNameservers = hostNameservers;
        using NetworkNamespace host = NetworkNamespace.OpenCurrent();
        _host = NetnsPins.IdentityOf(host);
    }

    /// <exception cref="RefusedException">The namespace or process can't be opened, or is the host's.</exception>
    internal PreparedChange Prepare(Change change, DesiredState state) => change switch
    {
        CreateNetwork => new PreparedChange(change, new WorldFacts
        {
            HostNameservers = _hostNameservers(),
            HostPrefixes = _networking.HostPrefixes(state.Networks.Values.SelectMany(network => network.Subnets).Select(subnet => subnet.Subnet).ToHashSet()),
        }),
        CreateSandbox create => PrepareSandbox(create),
        ConnectEndpoint connect => PrepareConnect(connect, state),
        PublishPorts publish => PreparePublish(publish, state),
        _ => new PreparedChange(change, WorldFacts.None),
    };

    // The namespace is born before its sandbox is admitted, so that its identity is in the store before anything outside shows it.
    // Nothing but this handle holds it: if the sandbox is refused, it vanishes with the handle.
    private static PreparedChange PrepareSandbox(CreateSandbox create)
    {
        ProcessHandle? process = create.ProcessId is { } pid ? OpenProcess("create sandbox", pid) : null;
        try
        {
            NetworkNamespace netns = NetworkNamespace.Create();
            return new PreparedChange(
                create, new WorldFacts { Netns = NetnsPins.IdentityOf(netns), Process = Identity(create.ProcessId, process) }, netns, process);
        }
        catch (KernelException)
        {
            process?.Dispose();
            throw;
        }
    }

    private PreparedChange PrepareConnect(ConnectEndpoint connect, DesiredState state)
    {
        (ReservedPorts? reserved, ImmutableArray<PublishedPort> ports) = ReservePorts(
            connect.Ports, state.FindNetwork(connect.Network ?? Network.DefaultName), state);
        try
        {
            PreparedChange prepared = connect.Target switch
            {
                SandboxTarget.ByPath target => PreparePath(connect, target.Path),
                SandboxTarget.ByPid target => PreparePid(connect, target.Pid),
                _ => new PreparedChange(connect, WorldFacts.None),
            };
            return prepared.With(ports, reserved);
        }
        catch (Exception e) when (e is KernelException or RefusedException)
        {
            reserved?.Dispose();
            throw;
        }
    }

    private PreparedChange PreparePublish(PublishPorts publish, DesiredState state)
    {
        Network? network = publish.Network is not null ? state.FindNetwork(publish.Network)
            : state.FindSandbox(publish.Sandbox) is { } sandbox && state.PublisherOf(sandbox.Id) is { } endpoint ? state.Networks[endpoint.NetworkId]
            : null;
        (ReservedPorts? reserved, ImmutableArray<PublishedPort> ports) = ReservePorts(publish.Ports, network, state);

        // The network is settled here: the ports are for its families, whatever becomes the sandbox's way out until the change is admitted.
        return new PreparedChange(network is null ? publish : publish with { Network = network.Id.Value }, WorldFacts.None).With(ports, reserved);
    }

    // A port that one of our own endpoints has is for the admission to refuse, who knows whose it is and whether that one is about to go. So is
    // a network that is not there.
    private (ReservedPorts? Reserved, ImmutableArray<PublishedPort> Ports) ReservePorts(
        ImmutableArray<PublishRequest> requests, Network? network, DesiredState state)
    {
        if (requests.IsEmpty || network is null)
        {
            return (null, []);
        }

        try
        {
            ReservedPorts reserved = _networking.ReservePorts(requests, network);
            return (reserved, reserved.Ports);
        }
        catch (RefusedException e) when (e.Reason == FailureReason.AlreadyExists)
        {
            ImmutableArray<PublishedPort> wanted = HostNetworking.NamedPorts(requests, network);
            bool isOurs = PortConflicts.Find(wanted) is not null || wanted.Any(port => state.FindConflict(port) is not null);
            if (!isOurs)
            {
                throw;
            }

            return (null, wanted);
        }
    }

    private PreparedChange PreparePath(Change change, string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw RefusedException.Invalid("netns", $"connect: '{Printable.Quote(path)}' is no absolute path of a namespace such as /run/netns/web");
        }

        NetworkNamespace netns = OpenNetns(path, $"namespace {Printable.Quote(path)}");
        return new PreparedChange(change, new WorldFacts { Netns = NetnsPins.IdentityOf(netns), NetnsPath = path }, netns);
    }

    private PreparedChange PreparePid(Change change, int pid)
    {
        ProcessHandle process = OpenProcess("connect", pid);
        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net");
            NetworkNamespace netns = OpenNetns(path, $"the namespace of process {pid}");
            if (process.HasEnded)
            {
                // What the path led to may be the namespace of a later process with the same number.
                netns.Dispose();
                throw NoProcess("connect", pid);
            }

            return new PreparedChange(
                change, new WorldFacts { Netns = NetnsPins.IdentityOf(netns), NetnsPath = path, Process = Identity(pid, process) }, netns, process);
        }
        catch (Exception e) when (e is KernelException or RefusedException)
        {
            process.Dispose();
            throw;
        }
    }

    private NetworkNamespace OpenNetns(string path, string what)
    {
        NetworkNamespace netns;
        try
        {
            netns = NetworkNamespace.Open(path);
        }
        catch (KernelException e)
        {
            FailureReason reason = e.Errno switch
            {
                Errno.ENOENT or Errno.ESRCH => FailureReason.NotFound,
                Errno.EACCES or Errno.EPERM => FailureReason.PermissionDenied,
                _ => FailureReason.InvalidArgument,
            };
            throw new RefusedException(
                reason, reason == FailureReason.InvalidArgument ? "netns" : what, $"connect: {what} can't be opened: {e.Message}; 'ip netns list' shows those with a name", e);
        }

        if (NetnsPins.IdentityOf(netns) != _host)
        {
            return netns;
        }

        netns.Dispose();
        throw RefusedException.Invalid("netns", $"connect: {what} is the daemon's own, the host's; name that of a sandbox, or make one with 'resolver run'");
    }

    private static ProcessHandle OpenProcess(string operation, int pid)
    {
        try
        {
            return ProcessHandle.Open(pid);
        }
        catch (KernelException e) when (e.Errno is Errno.ESRCH or Errno.EINVAL or Errno.ENOENT)
        {
            throw NoProcess(operation, pid, e);
        }
    }

    private static RefusedException NoProcess(string operation, int pid, KernelException? cause = null) =>
        new(FailureReason.NotFound, $"process {pid}", $"{operation}: there is no process {pid}; it has ended, or lives in another pid namespace", cause);

    private static ProcessIdentity? Identity(int? pid, ProcessHandle? process) =>
        pid is { } number && process is not null ? new ProcessIdentity(number, process.StartTimeTicks) : null;
}
