// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Net;
using Resolver.Core.Addressing;
using Resolver.Core.Endpoints;
using Resolver.Core.Names;
using Resolver.Linux.Netlink.Route;
using Resolver.Linux.Nftables.Batches;

namespace Resolver.Networking.Planning;

/// <summary>Which of the two namespaces a step works in.</summary>
internal enum StepPlace
{
    /// <summary>The host namespace.</summary>
    Host,

    /// <summary>The sandbox's.</summary>
    Sandbox,
}

/// <summary>One change of the kernel, with the change that takes it back. The set of cases is closed.</summary>
internal abstract record KernelStep
{
    private KernelStep()
    {
    }

    /// <summary>What undoes this step once it was applied.</summary>
    internal abstract KernelStep Inverse { get; }

    internal sealed record CreateBridge(InterfaceName Name, string Alias, MacAddress Mac, int? Mtu) : KernelStep
    {
        /// <summary>The link group.</summary>
        internal required uint Group { get; init; }

        internal override KernelStep Inverse => new DeleteBridge(this);
    }

    internal sealed record DeleteBridge(CreateBridge Bridge) : KernelStep
    {
        internal override KernelStep Inverse => Bridge;
    }

    internal sealed record CreateVeth(Endpoint Endpoint, string Alias, InterfaceName Master, int? Mtu) : KernelStep
    {
        /// <summary>The bridge as it was observed; null to look for it by its name.</summary>
        internal LinkIndex? MasterIndex { get; init; }

        /// <summary>The link group of the host's end.</summary>
        internal required uint Group { get; init; }

        /// <summary>The MTU of the sandbox's end; null for that of both.</summary>
        internal int? SandboxMtu { get; init; }

        /// <summary>Whether the sandbox's end has IPv6; without, it gets no link-local address either.</summary>
        internal bool HasIPv6 { get; init; }

        internal override KernelStep Inverse => new DeleteVeth(this);
    }

    internal sealed record DeleteVeth(CreateVeth Veth) : KernelStep
    {
        internal override KernelStep Inverse => Veth;
    }

    internal sealed record SetLink(StepPlace Place, InterfaceName Name, bool Up) : KernelStep
    {
        internal override KernelStep Inverse => this with { Up = !Up };
    }

    internal sealed record SetGroup(InterfaceName Name, uint Group, uint Before) : KernelStep
    {
        internal override KernelStep Inverse => this with { Group = Before, Before = Group };
    }

    /// <summary>The alias of a link that got none when it was made. To say whose it is is right in both directions.</summary>
    internal sealed record SetAlias(InterfaceName Name, string Alias) : KernelStep
    {
        internal override KernelStep Inverse => this;
    }

    internal sealed record SetMaster(InterfaceName Name, InterfaceName Bridge) : KernelStep
    {
        internal override KernelStep Inverse => new ClearMaster(this);
    }

    internal sealed record ClearMaster(SetMaster Master) : KernelStep
    {
        internal override KernelStep Inverse => Master;
    }

    internal sealed record AddAddress(StepPlace Place, InterfaceName Link, IPAddress Address, int PrefixLength) : KernelStep
    {
        internal override KernelStep Inverse => new RemoveAddress(this);
    }

    internal sealed record RemoveAddress(AddAddress Address) : KernelStep
    {
        internal override KernelStep Inverse => Address;
    }

    internal sealed record AddDefaultRoute(InterfaceName Link, IPAddress Gateway) : KernelStep
    {
        internal override KernelStep Inverse => new RemoveDefaultRoute(this);
    }

    internal sealed record RemoveDefaultRoute(AddDefaultRoute Route) : KernelStep
    {
        internal override KernelStep Inverse => Route;
    }

    /// <summary>A setting of the whole host, noted with its value before.</summary>
    internal sealed record ChangeSetting(string Key, string Value, string Before) : KernelStep
    {
        internal override KernelStep Inverse => new RestoreSetting(this);
    }

    internal sealed record RestoreSetting(ChangeSetting Change) : KernelStep
    {
        internal override KernelStep Inverse => Change;
    }

    internal sealed record AddRoute(InterfaceName Link, StaticRoute Route) : KernelStep
    {
        internal override KernelStep Inverse => new RemoveRoute(this);
    }

    internal sealed record RemoveRoute(AddRoute Route) : KernelStep
    {
        internal override KernelStep Inverse => Route;
    }

    /// <summary>The MTU of a link in the sandbox.</summary>
    internal sealed record SetMtu(InterfaceName Link, int Mtu, int Before) : KernelStep
    {
        internal override KernelStep Inverse => this with { Mtu = Before, Before = Mtu };
    }

    /// <summary>A parameter of a link in the sandbox. Before: null for that of a fresh link, which nobody knows and which goes with the link.</summary>
    internal sealed record WriteLinkSysctl(InterfaceName Link, LinkSysctl Sysctl, string? Before) : KernelStep
    {
        internal override KernelStep Inverse => Before is null ? this : this with { Sysctl = Sysctl.With(Before), Before = Sysctl.Value };
    }

    /// <summary>A parameter of a link of ours on the host.</summary>
    internal sealed record WriteSysctl(string Key, string Value, string Before) : KernelStep
    {
        /// <summary>True if what is wanted works, all but a small part, without: on a kernel without the parameter, or where /proc/sys is read-only.</summary>
        internal bool IsOptional { get; init; }

        internal override KernelStep Inverse => new WriteSysctl(Key, Before, Value) { IsOptional = IsOptional };
    }

    /// <summary>One transaction on the host's tables. What should go and is gone is no error, nor is what should come and is there.</summary>
    internal sealed record ChangeElements(ImmutableArray<SetElement> Gone, ImmutableArray<SetElement> Wanted) : KernelStep
    {
        internal override KernelStep Inverse => new ChangeElements(Wanted, Gone);
    }

    /// <summary>Tracked UDP flows to these ports, which would go on to where they went before. To forget is right in both directions.</summary>
    internal sealed record ForgetFlows(Endpoint Endpoint) : KernelStep
    {
        internal override KernelStep Inverse => this;
    }

    internal sealed record ReservePorts(ObjectId Endpoint, ImmutableArray<PublishedPort> Ports) : KernelStep
    {
        internal override KernelStep Inverse => new ReleasePorts(this);
    }

    internal sealed record ReleasePorts(ReservePorts Reserved) : KernelStep
    {
        internal override KernelStep Inverse => Reserved;
    }
}
