// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Resolver.Linux;
using Resolver.Linux.Netlink.Route;
using Resolver.Networking.Coexistence;
using Resolver.Networking.Planning;

namespace Resolver.Networking.Applying;

/// <summary>Carries steps to the kernel, all or nothing: when one is refused, the inverses of those before it run backwards.</summary>
internal sealed partial class PlanExecutor
{
    private readonly HostKernel _host;
    private readonly HostSettings _settings;
    private readonly ILogger _logger;

    internal PlanExecutor(HostKernel host, HostSettings settings, ILogger logger)
    {
        _settings = settings;
        _host = host;
        _logger = logger;
    }

    /// <exception cref="KernelException">A step was refused; all before it is undone, or the failed undo is logged.</exception>
    /// <exception cref="Core.Failures.RefusedException">A step was refused for a reason that the caller can mend; the same.</exception>
    /// <param name="plan">The steps.</param>
    /// <param name="access">The sandbox that they are about, if any.</param>
    /// <param name="last">What has to succeed after them, and leaves nothing itself when it fails.</param>
    internal void Apply(ImmutableArray<KernelStep> plan, SandboxAccess? access, Action? last = null)
    {
        Stack<KernelStep> inverses = new();
        StepScene scene = new(_host, access);
        try
        {
            foreach (KernelStep step in plan)
            {
                Apply(step, scene);
                inverses.Push(step.Inverse);
            }

            last?.Invoke();
        }
        catch
        {
            Undo(inverses, scene);
            throw;
        }
    }

    private void Undo(Stack<KernelStep> inverses, StepScene scene)
    {
        foreach (KernelStep inverse in inverses)
        {
            try
            {
                Apply(inverse, scene);
            }
            catch (Exception e) when (e is KernelException or Core.Failures.RefusedException)
            {
                // The rest must still be undone; what stays behind is found by the next convergence of the same object.
                LogUndoFailed(_logger, inverse.ToString(), e);
            }
        }
    }

    private void Apply(KernelStep step, StepScene scene)
    {
        switch (step)
        {
            case KernelStep.CreateBridge create:
                _host.Route.CreateBridge(new BridgeSpec(create.Name.Value, create.Alias, create.Mac.ToBytes(), create.Mtu, create.Group));
                break;
            case KernelStep.DeleteBridge delete:
                DeleteLink(delete.Bridge.Name.Value, scene);
                break;
            case KernelStep.CreateVeth create:
                CreateVeth(create, scene);
                break;
            case KernelStep.DeleteVeth delete:
                DeleteLink(delete.Veth.Endpoint.HostLink.Value, scene);
                break;
            case KernelStep.WriteSysctl write:
                WriteSysctl(write);
                break;
            case KernelStep.ChangeSetting change:
                _settings.Change(change.Key, change.Value, change.Before);
                break;
            case KernelStep.RestoreSetting restore:
                _settings.Restore(restore.Change.Key);
                break;
            case KernelStep.ChangeElements change:
                _host.ChangeElements(change.Gone, change.Wanted);
                break;
            case KernelStep.ForgetFlows forget:
                StaleFlows.Forget(_host, forget.Endpoint);
                break;
            case KernelStep.ReservePorts reserve:
                _host.Ports.Keep(reserve.Endpoint, _host.Ports.Reserve(reserve.Ports));
                break;
            case KernelStep.ReleasePorts release:
                _host.Ports.Release(release.Reserved.Endpoint, release.Reserved.Ports);
                break;
            default:
                ApplyToLink(step, scene);
                break;
        }
    }

    private void ApplyToLink(KernelStep step, StepScene scene)
    {
        switch (step)
        {
            case KernelStep.SetLink set:
                scene.RouteOf(set.Place).SetLink(set.Name.Value, new LinkChange { Up = set.Up });
                break;
            case KernelStep.SetGroup set:
                _host.Route.SetLink(set.Name.Value, new LinkChange { Group = set.Group });
                break;
            case KernelStep.SetAlias set:
                _host.Route.SetLink(set.Name.Value, new LinkChange { Alias = set.Alias });
                break;
            case KernelStep.SetMaster set:
                _host.Route.SetLink(set.Name.Value, new LinkChange { Master = scene.IndexOf(StepPlace.Host, set.Bridge.Value) });
                _host.Route.SetLink(set.Name.Value, new LinkChange { IsHairpin = true }); // As CreateVeth: a port that left its bridge forgets it.
                break;
            case KernelStep.ClearMaster clear:
                _host.Route.SetLink(clear.Master.Name.Value, new LinkChange { Master = new LinkIndex(0) });
                break;
            case KernelStep.AddAddress add:
                AddAddress(add, scene);
                break;
            case KernelStep.RemoveAddress remove:
                scene.RouteOf(remove.Address.Place).RemoveAddress(EntryOf(remove.Address, scene));
                break;
            case KernelStep.AddDefaultRoute add:
                scene.Sandbox.Route.AddRoute(EntryOf(add, scene));
                break;
            case KernelStep.RemoveDefaultRoute remove:
                scene.Sandbox.Route.RemoveRoute(EntryOf(remove.Route, scene));
                break;
            case KernelStep.AddRoute add:
                scene.Sandbox.Route.AddRoute(EntryOf(add, scene));
                break;
            case KernelStep.RemoveRoute remove:
                scene.Sandbox.Route.RemoveRoute(EntryOf(remove.Route, scene));
                break;
            case KernelStep.SetMtu set:
                scene.Sandbox.Route.SetLink(set.Link.Value, new LinkChange { Mtu = set.Mtu });
                break;
            case KernelStep.WriteLinkSysctl write:
                SandboxSysctls.Write(scene.Sandbox.Netns, write.Link, write.Sysctl);
                break;
            default:
                throw new ArgumentException($"{step.GetType().Name} is no step", nameof(step));
        }
    }

    private void WriteSysctl(KernelStep.WriteSysctl write)
    {
        try
        {
            _host.WriteSysctl(write.Key, write.Value, write.IsOptional);
        }
        catch (KernelException e) when (write.IsOptional)
        {
            LogNotWritten(_logger, write.Key, write.Value, e.Message);
        }
    }

    private void CreateVeth(KernelStep.CreateVeth create, StepScene scene)
    {
        SandboxAccess sandbox = scene.Sandbox;
        // Hairpin: with br_netfilter (Docker loads it) a published port is rewritten inside the bridge, and a sandbox that asks for its own port
        // through the host is answered through the port that it came in by.
        _host.Route.CreateVeth(new VethSpec
        {
            Name = create.Endpoint.HostLink.Value,
            Alias = create.Alias,
            Master = create.MasterIndex ?? scene.IndexOf(StepPlace.Host, create.Master.Value),
            IsHairpin = true,
            GeneratesLinkLocal = false,
            Group = create.Group,
            Up = true,
            PeerName = create.Endpoint.SandboxLink.Value,
            PeerNetns = sandbox.Netns,
            PeerHardwareAddress = create.Endpoint.Mac.ToBytes(),
            Mtu = create.Mtu,
            PeerMtu = create.SandboxMtu,
        });
        if (create.HasIPv6)
        {
            return;
        }

        try
        {
            sandbox.Route.SetLink(create.Endpoint.SandboxLink.Value, new LinkChange { GeneratesLinkLocal = false });
        }
        catch (KernelException)
        {
            DeleteLink(create.Endpoint.HostLink.Value, scene);
            throw;
        }
    }

    private static void AddAddress(KernelStep.AddAddress add, StepScene scene)
    {
        try
        {
            scene.RouteOf(add.Place).AddAddress(EntryOf(add, scene));
        }
        catch (KernelException e) when (add is { Place: StepPlace.Sandbox, Address.AddressFamily: AddressFamily.InterNetworkV6 }
            && e.Errno is Errno.EACCES or Errno.EOPNOTSUPP)
        {
            // What questions are answered with must be there: better not connected than connected without.
            throw new Core.Failures.RefusedException(
                Core.Failures.FailureReason.FailedPrecondition,
                $"address {add.Address}",
                $"address {add.Address} on {add.Link}: IPv6 is off in the sandbox (net.ipv6.conf.*.disable_ipv6); give --sysctl net.ipv6.conf.IFNAME.disable_ipv6=0, "
                + "or use a network without IPv6",
                e);
        }
    }

    private void DeleteLink(string name, StepScene scene)
    {
        _host.Route.DeleteLink(scene.IndexOf(StepPlace.Host, name));
        scene.ForgetIndexes();
    }

    private static AddressEntry EntryOf(KernelStep.AddAddress step, StepScene scene) =>
        new(scene.IndexOf(step.Place, step.Link.Value), step.Address, step.PrefixLength);

    private static RouteEntry EntryOf(KernelStep.AddDefaultRoute step, StepScene scene) => new(
        new IPNetwork(step.Gateway.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0),
        step.Gateway,
        scene.IndexOf(StepPlace.Sandbox, step.Link.Value));

    private static RouteEntry EntryOf(KernelStep.AddRoute step, StepScene scene) =>
        new(step.Route.Destination.Prefix, step.Route.Gateway, scene.IndexOf(StepPlace.Sandbox, step.Link.Value));

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Key} can't be set to {Value} and stays as it is: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string key, string value, string reason);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Undo of a refused change failed at {Step}; the object stays half-made until it is converged again.")]
    private static partial void LogUndoFailed(ILogger logger, string step, Exception exception);
}
